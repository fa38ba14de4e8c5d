export interface GraphResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly opts: {
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly parent?: string;
    /** Resources that must be created first. */
    readonly dependsOn?: readonly string[];
    /** The provider's region when it is not the stage's. */
    readonly region?: string;
  };
}

export interface Bundle {
  readonly name: string;
  readonly out: string;
  readonly handler: string;
  /** The handler in the repository, "packages/functions/src/api/handler.handler"; empty for a folder given to SST. */
  readonly source: string;
  readonly zip: string;
  readonly zipKb: number;
  /** Names its code may read as `Resource.<name>`. */
  readonly links: readonly string[];
  /** Values of the links: ARNs and names invented by the evaluation. */
  readonly linked: Readonly<Record<string, unknown>>;
}

export interface Graph {
  readonly stage: string;
  readonly region: string;
  readonly resources: readonly GraphResource[];
  readonly bundles: readonly Bundle[];
  readonly rejections: readonly string[];
}
