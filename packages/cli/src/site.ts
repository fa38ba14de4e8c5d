import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Site } from "@lectern/functions/isolation";
import { createRequestHandler, type ServerBuild } from "@remix-run/node";
import type { Io } from "./io.ts";

const build = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "web", "build", "server", "index.js");

/** The pages, called in this process: their routes, and a way to ask them. Undefined where they have not been built. */
export async function openSite(io: Io): Promise<Site | undefined> {
  if (!existsSync(build)) {
    io.note("The pages are not built, so only the API is checked. Build them: npm run build");
    return undefined;
  }
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
