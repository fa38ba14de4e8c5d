import type { Graph, GraphResource } from "../synth/graph.ts";

export interface Finding {
  readonly rule: string;
  readonly resource: string;
  readonly message: string;
}

export interface Rule {
  readonly name: string;
  /** The reason, in a sentence for newcomers. */
  readonly why: string;
  readonly check: (graph: Graph) => Iterable<Omit<Finding, "rule">>;
}

export const ofType = (graph: Graph, ...types: string[]): GraphResource[] =>
  graph.resources.filter(({ type }) => types.includes(type));

/** Returns a value inside a resource's inputs: at(queue, "redrivePolicy", "maxReceiveCount"). */
export function at(resource: GraphResource, ...path: (string | number)[]): unknown {
  let value: unknown = resource.inputs;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Its own region, else its provider's, else the stage's. */
export const regionOf = (graph: Graph, resource: GraphResource): string =>
  String(at(resource, "region") ?? resource.opts.region ?? graph.region);

export function partsOf(arn: unknown): { readonly service: string; readonly region: string } | undefined {
  const [, service = "", region = ""] = /^arn:[\w-]+:([\w-]+):([a-z0-9-]+):/.exec(String(arn)) ?? [];
  return service ? { service, region } : undefined;
}

/** Whether rules for standing stages apply: production and staging only. */
export const isStanding = ({ stage }: Graph): boolean => /^(production|staging)$/.test(stage);
export const isDev = ({ stage }: Graph): boolean => stage.endsWith("-dev");
