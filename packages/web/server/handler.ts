import { Measure } from "@lectern/core/kernel/measure";
import type { RequestHandler, ServerBuild } from "@remix-run/node";
import { createRequestHandler } from "@remix-run/server-runtime";
import { patternOf } from "./patterns.ts";

/** Counts and times responses under the pattern of their route. */
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
 * Serves a Remix server build like `createRequestHandler`, but faster: Remix compiles and ranks every route several
 * times per request, so the start page and each first path segment (`/learn`, `/admin`) get a handler with only their own
 * routes. The whole build serves everything else: unknown paths, the manifest, encoded segments.
 */
export function createSiteHandler(build: ServerBuild, mode: "production" | "development"): RequestHandler {
  const whole = createRequestHandler(build, mode);
  const sections = new Map(
    [...segmentsOf(build)].map((segment) => [segment, createRequestHandler(sectionOf(build, segment), mode)]),
  );
  const home = createRequestHandler(sectionOf(build, ""), mode);
  return measured(build, (request, context) => {
    const path = new URL(request.url).pathname;
    const handle = path === "/" || path === "/_root.data" ? home : (sections.get(firstSegment(path)) ?? whole);
    return handle(request, context);
  });
}

/** Routes match case-insensitively; a single segment's data has the path `/learn.data`. */
const firstSegment = (path: string): string => (path.split("/")[1] ?? "").replace(/\.data$/, "").toLowerCase();

/** Returns a route's full path with its parents': "courses/:courseSlug". */
function pathOf(build: ServerBuild, id: string | undefined): string {
  const route = id === undefined ? undefined : build.routes[id];
  if (!route) return "";
  return [pathOf(build, route.parentId), route.path].filter(Boolean).join("/");
}

/** Returns a route's first segment if it is static; undefined for a parameter, a splat and the index. */
function fixedSegment(build: ServerBuild, id: string): string | undefined {
  const [first = ""] = pathOf(build, id).split("/");
  return first && !/[:*?]/.test(first) ? first.toLowerCase() : undefined;
}

const segmentsOf = (build: ServerBuild): Set<string> =>
  new Set(Object.keys(build.routes).flatMap((id) => fixedSegment(build, id) ?? []));

/** Returns the build with only the routes that can match below one segment; for "", those without a static one. */
function sectionOf(build: ServerBuild, segment: string): ServerBuild {
  const isOurs = (id: string) => (fixedSegment(build, id) ?? segment) === segment;
  const pick = <T>(all: Record<string, T>) => Object.fromEntries(Object.entries(all).filter(([id]) => isOurs(id)));
  return { ...build, routes: pick(build.routes), assets: { ...build.assets, routes: pick(build.assets.routes) } };
}
