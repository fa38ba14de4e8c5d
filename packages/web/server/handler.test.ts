import { createRequestHandler, type ServerBuild } from "@remix-run/node";
import { expect, test } from "vitest";
import { createSiteHandler } from "./handler.ts";

/** Pages that name their matched routes: each route's loader adds its own id. */
const route = (id: string, path?: string, parentId?: string, index = false) => ({
  id,
  path,
  parentId,
  index,
  module: {
    default: () => null,
    loader: ({ params }: { params: unknown }) => ({ id, params }),
    action: () => ({ done: id }),
  },
});
const routes = [
  route("root", ""),
  route("home", undefined, "root", true),
  route("courses", "courses", "root"),
  route("course", "courses/:slug", "root"),
  route("learn", "learn", "root"),
  route("lesson", ":course/:lesson", "learn"),
  route("layout", undefined, "root"),
  route("admin", "admin", "layout"),
  route("people", "people/:id?", "admin"),
  route("files", "media/*", "root"),
  route("icon", "favicon.svg", "root"),
  route("language", ":language/terms", "root"),
  route("lost", "*", "root"),
];
const client = ({ module: _, ...rest }: (typeof routes)[number]) => ({ ...rest, module: "/x.js", hasLoader: true });

const build = {
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
  future: { v3_singleFetch: true, v3_lazyRouteDiscovery: true, v3_relativeSplatPath: true, v3_throwAbortReason: true },
  entry: {
    module: {
      default: (_request: Request, status: number, _headers: Headers, context: { staticHandlerContext: object }) =>
        new Response(JSON.stringify(Reflect.get(context.staticHandlerContext, "loaderData")), { status }),
    },
  },
} as unknown as ServerBuild; // The compiler's own output type; this one is written by hand.

const paths = [
  "/",
  "/_root.data",
  "/courses",
  "/courses/",
  "/COURSES/Rust?page=2",
  "/courses.data",
  "/courses/rust.data",
  "/courses/rust/nothing",
  "/learn",
  "/learn/rust/one",
  "/learn/rust/one.data?_routes=lesson",
  "/%6Cearn/rust/one",
  "/admin",
  "/admin/people",
  "/admin/people/7.data",
  "/admin/nothing",
  "/media/a/b/c.png",
  "/favicon.svg",
  "/en/terms",
  "/learn/terms",
  "//learn/rust/one",
  "/constructor",
  "/__proto__/x",
  "/nothing/at/all",
  "/__manifest?p=/courses/rust&p=/admin/people&version=1",
];

test.each(paths)("a section answers %s as the whole build does", async (path) => {
  const whole = createRequestHandler(build, "production");
  const sections = createSiteHandler(build, "production");
  for (const method of ["GET", "POST"]) {
    const ask = () => new Request(`http://school.test${path}`, { method });
    const [expected, got] = await Promise.all([whole(ask()), sections(ask())]);
    expect(got.status).toBe(expected.status);
    expect(await got.text()).toBe(await expected.text());
  }
});

test("each section contains its own routes, those that match anywhere, and no others", async () => {
  let seen: string[] = [];
  const watched = {
    ...build,
    entry: {
      module: {
        default: (_request: Request, status: number, _headers: Headers, context: { routeModules: object }) => {
          seen = Object.keys(context.routeModules).sort();
          return new Response(null, { status });
        },
      },
    },
  } as unknown as ServerBuild;
  const handle = createSiteHandler(watched, "production");
  await handle(new Request("http://school.test/admin/people"));
  expect(seen).toEqual(["admin", "home", "language", "layout", "lost", "people", "root"]);
  await handle(new Request("http://school.test/unknown"));
  expect(seen).toHaveLength(routes.length);
});
