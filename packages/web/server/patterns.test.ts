import { Metric } from "@lectern/core/kernel/metric";
import type { ServerBuild } from "@remix-run/node";
import { expect, test } from "vitest";
import { createSiteHandler } from "./handler.ts";
import { patternOf } from "./patterns.ts";

/** Returns a build of the given paths; each page answers with its own text, and one fails. */
function buildOf(paths: Readonly<Record<string, string>>): ServerBuild {
  const routes = Object.entries(paths).map(([id, path]) => ({
    id,
    path,
    parentId: id === "root" ? undefined : "root",
    index: false,
    module: {
      default: undefined,
      loader: () => {
        if (id === "broken") throw new Response("broken", { status: 500 });
        return new Response("twelve bytes", { headers: { "content-length": "12" } });
      },
    },
  }));
  const client = ({ module: _, ...rest }: (typeof routes)[number]) => ({ ...rest, module: "/x.js", hasLoader: true });
  return {
    routes: Object.fromEntries(routes.map((each) => [each.id, each])),
    assets: {
      version: "1",
      url: "/manifest.js",
      entry: { module: "/e.js", imports: [] },
      routes: Object.fromEntries(routes.map((each) => [each.id, client(each)])),
    },
    assetsBuildDirectory: "",
    basename: "/",
    publicPath: "/",
    isSpaMode: false,
    mode: "production",
    future: {
      v3_singleFetch: true,
      v3_lazyRouteDiscovery: true,
      v3_relativeSplatPath: true,
      v3_throwAbortReason: true,
    },
    entry: { module: { default: () => new Response("page") } },
  } as unknown as ServerBuild; // The compiler's own output type; this one is written by hand.
}

const site = buildOf({
  root: "",
  courses: "courses",
  course: "courses/:courseSlug",
  enroll: "courses/:courseSlug/enroll",
  lesson: "learn/:courseSlug/:lessonSlug",
  people: "admin/people/:userId",
  newPerson: "admin/people/new",
  files: "media/:assetId/*",
  icon: "favicon.svg",
  optional: "terms/:language?",
  broken: "broken",
  lost: "*",
});

test.each([
  ["/", "/"],
  ["/_root.data", "/"],
  ["/courses", "/courses"],
  ["/courses/", "/courses"],
  ["/Courses/Git-Basics", "/courses/:courseSlug"],
  ["/courses/git-basics.data", "/courses/:courseSlug"],
  ["/courses/git-basics/enroll", "/courses/:courseSlug/enroll"],
  ["/courses/git-basics/usr_01jd3w6q5re9wsjg0pv3r6y2mq", "/*"],
  ["/learn/git-basics/1.2-begin.data", "/learn/:courseSlug/:lessonSlug"],
  ["/admin/people/new", "/admin/people/new"],
  ["/admin/people/usr_01jd3w6q5re9wsjg0pv3r6y2mq", "/admin/people/:userId"],
  ["/media/ast_01/a/b/c.png", "/media/:assetId/*"],
  ["/favicon.svg", "/favicon.svg"],
  ["/faviconXsvg", "/*"],
  ["/terms", "/terms/:language?"],
  ["/terms/en", "/terms/:language?"],
  ["/wp-admin/setup.php", "/*"],
  ["/__manifest", "/*"],
])("%s is counted as %s", (path, pattern) => {
  expect(patternOf(site)(path)).toBe(pattern);
});

test("the site counts every response with its route, time, sizes and success", async () => {
  const lines: Record<string, unknown>[] = [];
  const stop = Metric.onLine((line) => lines.push(JSON.parse(line)));
  Metric.flush();
  const handle = createSiteHandler(site, "production");
  const ask = (path: string, init?: RequestInit) => handle(new Request(`http://school.test${path}`, init));
  await ask("/courses/one");
  await ask("/courses/two");
  await ask("/broken");
  await ask("/broken", { method: "BREW", headers: { "content-length": "9" } });
  Metric.flush();
  stop();
  const of = (endpoint: string) => lines.find((line) => line.endpoint === endpoint && "RequestCount" in line);
  expect(of("GET /courses/:courseSlug")).toMatchObject({
    RequestCount: 2,
    ErrorRate: [0, 0],
    ResponseTime: [expect.any(Number), expect.any(Number)],
    RequestSize: [0, 0],
    ResponseSize: [12, 12],
  });
  expect(of("GET /broken")).toMatchObject({ RequestCount: 1, ErrorRate: [100] });
  expect(of("OTHER /broken")).toMatchObject({ RequestCount: 1, RequestSize: [9] });
  const errors = lines.filter((line) => "ErrorCount" in line);
  expect(errors).toContainEqual(
    expect.objectContaining({ endpoint: "GET /broken", type: "Http500", severity: "error", ErrorCount: 1 }),
  );
});
