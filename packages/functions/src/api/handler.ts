import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { basePath, createApp } from "./app.ts";
import { sectionOf, sections } from "./sections.ts";

type Handle = ReturnType<typeof handle>;

const made = new Map<string, Promise<Handle>>();

/** An app that knows one section. Paths of none share one that knows no operation, so what is kept does not grow. */
function appOf(segment: string): Promise<Handle> {
  const known = made.get(segment);
  if (known) return known;
  const fresh = sectionOf(segment).then((endpoints) => handle(createApp(endpoints)));
  made.set(segment, fresh);
  // What could not be read is tried again by the next call.
  fresh.catch(() => made.delete(segment));
  return fresh;
}

/** "courses" of "/api/v1/courses/crs_1". As a router reads it: an encoded letter is the letter. */
function segmentOf(path: string): string {
  if (!path.startsWith(`${basePath}/`)) return "";
  const [first = ""] = path.slice(basePath.length + 1).split("/");
  try {
    const segment = decodeURIComponent(first);
    return Object.hasOwn(sections, segment) ? segment : "";
  } catch {
    return "";
  }
}

/** Events of API Gateway (payload 2.0) and of function addresses, as the edge sends them. */
export const handler = Edge.behind(async (event: { rawPath?: string }, ...rest: unknown[]) => {
  const serve = await appOf(segmentOf(event.rawPath ?? ""));
  return Reflect.apply(serve, undefined, [event, ...rest]);
});
