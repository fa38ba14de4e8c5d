import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { behindEdge } from "@lectern/web/door";
import type { ServerBuild } from "@remix-run/node";
import { inRepository } from "../cloud/paths.ts";
import { type Pages, pages } from "./pages.ts";

export async function hotPages(server: Server): Promise<Pages> {
  const folder = process.env.LECTERN_WEB_FOLDER ?? inRepository("packages", "web");
  process.chdir(folder); // Remix's plugin resolves its files from the working directory
  const { createServer } = await import("vite");
  const vite = await createServer({
    root: folder,
    server: { middlewareMode: true, hmr: { server }, allowedHosts: true },
    appType: "custom",
    clearScreen: false,
  });
  const remix = pages(
    () => vite.ssrLoadModule("virtual:remix/server-build") as unknown as Promise<ServerBuild>,
    "development",
    behindEdge,
  );
  return (request: IncomingMessage, response: ServerResponse) =>
    new Promise((resolve, reject) => {
      response.once("close", resolve);
      vite.middlewares(request, response, (error: unknown) => {
        if (error) reject(error);
        else remix(request, response).then(resolve, reject);
      });
    });
}
