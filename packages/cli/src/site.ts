import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Site } from "@lectern/functions/isolation";
import { createRequestHandler, type ServerBuild } from "@remix-run/node";

const build = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "web", "build", "server", "index.js");

export async function openSite(log: (line: string) => void): Promise<Site> {
  // packages/local exists in development only, so load it on demand.
  const { ensureWebBuild } = await import("@lectern/local/web-build");
  await ensureWebBuild({ log });
  // Remix warns at each call of a resource route; the matrix calls hundreds.
  console.warn = () => {};
  const loaded: ServerBuild = await import(pathToFileURL(build).href);
  const answer = createRequestHandler(loaded, "production");
  return {
    routes: Object.values(loaded.routes).flatMap((route) =>
      route
        ? [
            {
              id: route.id,
              parentId: route.parentId,
              path: route.path,
              isIndex: route.index === true,
              hasLoader: Boolean(route.module.loader),
              hasAction: Boolean(route.module.action),
              hasPage: Boolean(route.module.default),
            },
          ]
        : [],
    ),
    fetch: (request) => answer(request),
  };
}
