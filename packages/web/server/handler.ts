import { Measure } from "@lectern/core/kernel/measure";
import type { RequestHandler, ServerBuild } from "@remix-run/node";
import { createRequestHandler } from "@remix-run/server-runtime";
import { patternOf } from "./patterns.ts";

/** Counts and times every answer of a handler of this build under the pattern of its route. */
export function measured(build: ServerBuild, handle: RequestHandler): RequestHandler {
  const pattern = patternOf(build);
  return (request, context) => {
    const { headers, method, url } = request;
    const begin = {
      endpoint: Measure.endpointOf(method, pattern(new URL(url).pathname)),
      requestId: headers.get("x-request-id") ?? undefined,
      bytesIn: Measure.bytesOf(headers.get("content-length")) ?? 0,
    };
    return Measure.request(begin, () => handle(request, context));
  };
}

/**
 * Serves a Remix server build as `createRequestHandler` does, and faster: Remix compiles and ranks every route of the build
 * several times per request, so each first segment of a path (`/learn`, `/admin`) gets a handler that knows its own routes
 * only. Whatever is in no segment's routes (an unknown path, the manifest, an encoded segment) is served by the whole build.
 */
export function createSiteHandler(build: ServerBuild, mode: "production" | "development"): RequestHandler {
  const whole = createRequestHandler(build, mode);
  const sections = new Map(
    [...segmentsOf(build)].map((segment) => [segment, createRequestHandler(sectionOf(build, segment), mode)]),
  );
  return measured(build, (request, context) =>
    (sections.get(firstSegment(new URL(request.url).pathname)) ?? whole)(request, context),
  );
}

/** Routes match without regard to case; a single segment's data is asked for as `/learn.data`. */
const firstSegment = (path: string): string => (path.split("/")[1] ?? "").replace(/\.data$/, "").toLowerCase();

/** The path a route is matched by, its parents' included: "courses/:courseSlug". */
function pathOf(build: ServerBuild, id: string | undefined): string {
  const route = id === undefined ? undefined : build.routes[id];
  if (!route) return "";
  return [pathOf(build, route.parentId), route.path].filter(Boolean).join("/");
}

/** A path's first segment when it is the same in every address; undefined for a parameter, a splat and the index. */
function fixedSegment(build: ServerBuild, id: string): string | undefined {
  const [first = ""] = pathOf(build, id).split("/");
  return first && !/[:*?]/.test(first) ? first.toLowerCase() : undefined;
}

const segmentsOf = (build: ServerBuild): Set<string> =>
  new Set(Object.keys(build.routes).flatMap((id) => fixedSegment(build, id) ?? []));

/** The build with the routes that can match below one segment, and those that match anywhere. */
function sectionOf(build: ServerBuild, segment: string): ServerBuild {
  const isOurs = (id: string) => (fixedSegment(build, id) ?? segment) === segment;
  const pick = <T>(all: Record<string, T>) => Object.fromEntries(Object.entries(all).filter(([id]) => isOurs(id)));
  return { ...build, routes: pick(build.routes), assets: { ...build.assets, routes: pick(build.assets.routes) } };
}
