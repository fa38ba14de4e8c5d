export interface GraphResource {
  /** Pulumi's: "aws:sqs/queue:Queue", "sst:aws:Function". */
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly opts: {
    readonly protect?: boolean;
    readonly retainOnDelete?: boolean;
    readonly parent?: string;
    /** Names of the resources that are made before it. */
    readonly dependsOn?: readonly string[];
    /** Where its provider makes it, where that is another region than the stage's. */
    readonly region?: string;
  };
}

export interface Bundle {
  readonly name: string;
  readonly out: string;
  /** "handler.handler": file and export. */
  readonly handler: string;
  /** The handler in the repository, "packages/functions/src/api/handler.handler"; empty where SST was given a folder. */
  readonly source: string;
  /** The archive that would be uploaded, and its size. */
  readonly zip: string;
  readonly zipKb: number;
  /** Names its code may read as `Resource.<name>`. */
  readonly links: readonly string[];
  /** What each of them would hold: ARNs and names that the evaluation made up. */
  readonly linked: Readonly<Record<string, unknown>>;
}

/** What a stage would be on AWS. */
export interface Graph {
  readonly stage: string;
  /** The stage's own. */
  readonly region: string;
  readonly resources: readonly GraphResource[];
  readonly bundles: readonly Bundle[];
  /** Errors of the evaluation: it is whole only without any. */
  readonly rejections: readonly string[];
}
