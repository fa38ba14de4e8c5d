import type { ServerBuild } from "@remix-run/node";

interface Pattern {
  readonly text: string;
  readonly test: RegExp;
  readonly rank: string;
}

/**
 * Returns a function that names a path's route ("/courses/:courseSlug") for metrics. Remix does not report the route of
 * a data response or a redirect. It tries the patterns of the first segment, best first.
 */
export function patternOf(build: ServerBuild): (pathname: string) => string {
  const bySegment = new Map<string, Pattern[]>();
  const anywhere: Pattern[] = [];
  for (const id of Object.keys(build.routes)) {
    const segments = pathOf(build, id).split("/").filter(Boolean);
    const pattern = {
      text: `/${segments.join("/")}`,
      test: new RegExp(`^${segments.map(expression).join("") || "/"}$`, "i"),
      rank: segments.map(rankOf).join(""),
    };
    const first = segments[0];
    if (first === undefined || /[:*]/.test(first)) anywhere.push(pattern);
    else bySegment.set(first.toLowerCase(), [...(bySegment.get(first.toLowerCase()) ?? []), pattern]);
  }
  const best = (all: readonly Pattern[]) =>
    [...new Map([...all, ...anywhere].map((each) => [each.text, each])).values()].sort((a, b) =>
      a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0,
    );
  const sorted = new Map([...bySegment].map(([segment, all]) => [segment, best(all)]));
  const rest = best([]);
  return (pathname) => {
    const path = pathname === "/_root.data" ? "/" : pathname.replace(/\.data$/, "").replace(/(?!^)(?<!\/)\/+$/, "");
    const candidates = sorted.get((path.split("/")[1] ?? "").toLowerCase()) ?? rest;
    return candidates.find(({ test }) => test.test(path))?.text ?? "/*";
  };
}

function pathOf(build: ServerBuild, id: string | undefined): string {
  const route = id === undefined ? undefined : build.routes[id];
  return route ? [pathOf(build, route.parentId), route.path].filter(Boolean).join("/") : "";
}

function expression(segment: string): string {
  if (segment.endsWith("?")) return `(?:${expression(segment.slice(0, -1))})?`;
  if (segment === "*") return "(?:/.*)?";
  if (segment.startsWith(":")) return "/[^/]+";
  return `/${segment.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`;
}

/** Ranks a static segment before a parameter before a splat, so the longer of two patterns also comes first. */
const rankOf = (segment: string): string => (segment === "*" ? "3" : segment.startsWith(":") ? "2" : "1");
