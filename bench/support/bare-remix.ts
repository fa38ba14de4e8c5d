// The baseline of the page benches: a Remix page of a given size without an application, behind the site's adapter.
// Prints its port on stdout.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough } from "node:stream";
import { pages } from "@lectern/local/site-pages";
import { createReadableStreamFromReadable, type EntryContext, type ServerBuild } from "@remix-run/node";
import { Outlet, RemixServer, Scripts, useLoaderData } from "@remix-run/react";
import { createElement as h } from "react";
import { renderToPipeableStream } from "react-dom/server";

const bytes = Number(process.argv[2]);
/** Enough rows for a page of that size: real pages are markup, not one long text. */
const rows = Math.max(1, Math.round((bytes - 600) / 175));

const assets = {
  version: "bare",
  url: "/assets/manifest.js",
  entry: { module: "/assets/entry.js", imports: [] },
  routes: {
    root: route("root", ""),
    index: { ...route("index", ""), parentId: "root", index: true, hasLoader: true },
  },
};

const build = {
  assets,
  assetsBuildDirectory: "",
  basename: "/",
  publicPath: "/",
  isSpaMode: false,
  mode: "production",
  future: { v3_singleFetch: true, v3_relativeSplatPath: true, v3_throwAbortReason: true, v3_fetcherPersist: true },
  entry: { module: { default: handleRequest } },
  routes: {
    root: { id: "root", path: "", module: { default: Root } },
    index: { id: "index", parentId: "root", index: true, module: { default: Page, loader: () => ({ rows }) } },
  },
} as unknown as ServerBuild; // The compiler's output type; this build is written by hand.

function route(id: string, path: string) {
  return {
    id,
    path,
    module: `/assets/${id}.js`,
    hasAction: false,
    hasLoader: false,
    hasClientAction: false,
    hasClientLoader: false,
    hasErrorBoundary: false,
    imports: [],
  };
}

function Root() {
  return h("html", { lang: "en" }, h("head", null, h("title", null, "Bare")), h("body", null, h(Outlet), h(Scripts)));
}

function Page() {
  const data = useLoaderData<{ rows: number }>();
  const items = Array.from({ length: data.rows }, (_, at) =>
    h(
      "li",
      { key: at, className: "row flex items-center gap-3" },
      h("a", { href: `/lesson/${at}`, className: "grow hover:underline" }, `Lesson ${at}: something worth knowing`),
      h("span", { className: "text-muted" }, "4 min"),
    ),
  );
  return h("main", null, h("h1", null, "Bare page"), h("ol", null, items));
}

function handleRequest(request: Request, status: number, headers: Headers, context: EntryContext): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { pipe } = renderToPipeableStream(h(RemixServer, { context, url: request.url }), {
      onShellReady() {
        const body = new PassThrough();
        headers.set("content-type", "text/html; charset=utf-8");
        resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
        pipe(body);
      },
      onShellError: reject,
      // The load generator aborts requests when a round ends.
      onError() {},
    });
  });
}

const serve = pages(build, "production");
const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.destroy();
  });
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on("disconnect", () => process.exit(0));
