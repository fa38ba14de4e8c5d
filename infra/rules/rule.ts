import type { Graph, GraphResource } from "../synth/graph.ts";

export interface Finding {
  readonly rule: string;
  /** Name of the resource; the stage's when something is missing. */
  readonly resource: string;
  readonly message: string;
}

export interface Rule {
  readonly name: string;
  /** Why, in a sentence a newcomer understands. */
  readonly why: string;
  readonly check: (graph: Graph) => Iterable<Omit<Finding, "rule">>;
}

/** The resources of one type: "aws:sqs/queue:Queue". */
export const ofType = (graph: Graph, ...types: string[]): GraphResource[] =>
  graph.resources.filter(({ type }) => types.includes(type));

/** A value inside a resource's inputs by its path: at(queue, "redrivePolicy", "maxReceiveCount"). */
export function at(resource: GraphResource, ...path: (string | number)[]): unknown {
  let value: unknown = resource.inputs;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/** Where it stands: as it says itself, or its provider, or where the stage is. */
export const regionOf = (graph: Graph, resource: GraphResource): string =>
  String(at(resource, "region") ?? resource.opts.region ?? graph.region);

/** The region and service of an ARN that names one. */
export function partsOf(arn: unknown): { readonly service: string; readonly region: string } | undefined {
  const [, service = "", region = ""] = /^arn:[\w-]+:([\w-]+):([a-z0-9-]+):/.exec(String(arn)) ?? [];
  return service ? { service, region } : undefined;
}

/** Which kind of stage the graph is of: rules of standing things hold for production and staging only. */
export const isStanding = ({ stage }: Graph): boolean => /^(production|staging)$/.test(stage);
export const isDev = ({ stage }: Graph): boolean => stage.endsWith("-dev");
