import type { Graph, GraphResource } from "../synth/graph.ts";
import { at, ofType } from "./rule.ts";

/** A policy statement; lists are always arrays. */
export interface Statement {
  readonly sid: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

export function statementsOf(text: unknown): Statement[] {
  if (typeof text !== "string") return [];
  const { Statement: found } = record(JSON.parse(text));
  return (Array.isArray(found) ? found : [found]).map(record).map((each) => ({
    sid: String(each.Sid ?? ""),
    effect: String(each.Effect),
    actions: list(each.Action),
    resources: list(each.Resource),
    principal: each.Principal,
    conditions: Object.fromEntries(Object.entries(record(each.Condition)).map(([test, of]) => [test, record(of)])),
  }));
}

/** Buckets that a release fills again; SST creates them its own way. */
export const remade: Readonly<Record<string, string>> = {
  WebAssetsBucket: "Scripts and styles: each deployment writes all of them.",
  PipelineArtifactsBucket: "A release on its way; the next run of the pipeline makes it anew.",
};

/** Finds a bucket's policy or encryption by the bucket's name. */
export function partOf(graph: Graph, bucket: GraphResource, type: string): GraphResource | undefined {
  const names = [at(bucket, "bucket"), bucket.name.toLowerCase()];
  return ofType(graph, type).find((part) => names.includes(at(part, "bucket")));
}
