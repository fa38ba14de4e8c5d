import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Site } from "@lectern/functions/isolation";
import { createRequestHandler, type ServerBuild } from "@remix-run/node";

const build = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "web", "build", "server", "index.js");

/**
 * The pages, called in this process: their routes, and a way to ask them. Built first where their sources have changed.
 * @param log told when that takes a moment
 */
export async function openSite(log: (line: string) => void): Promise<Site> {
  // Like `doctor`, this exists on a local stage only, so packages/local is loaded when it is asked for and not before.
  const { ensureWebBuild } = await import("@lectern/local/web-build");
  await ensureWebBuild({ log });
  // Remix warns at each call of a route that is not a page; here they are called by the hundred.
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
