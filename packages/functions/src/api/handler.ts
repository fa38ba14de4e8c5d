import { Edge } from "@lectern/core/kernel/edge";
import { handle } from "hono/aws-lambda";
import { basePath, createApp } from "./app.ts";
import { sectionOf, sections } from "./sections.ts";

type Handle = ReturnType<typeof handle>;

const made = new Map<string, Promise<Handle>>();

/** Returns the app of one section. Unknown paths share one without operations, so the cache does not grow. */
function appOf(segment: string): Promise<Handle> {
  const known = made.get(segment);
  if (known) return known;
  const fresh = sectionOf(segment).then((endpoints) => handle(createApp(endpoints)));
  made.set(segment, fresh);
  // The next call retries a failed load.
  fresh.catch(() => made.delete(segment));
  return fresh;
}

/** Returns "courses" of "/api/v1/courses/crs_1". Decodes letters as a router does. */
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

/** Handles API Gateway (payload 2.0) and function URL events, as the edge sends them. */
export const handler = Edge.behind(async (event: { rawPath?: string }, ...rest: unknown[]) => {
  const serve = await appOf(segmentOf(event.rawPath ?? ""));
  return Reflect.apply(serve, undefined, [event, ...rest]);
});
