import { createServer } from "node:http";
import { type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { readBody } from "./http.ts";

export interface Functions extends Part {
  port: number;
  endpoint: string;
}

export interface FunctionsOptions {
  port?: number;
  /** Calls the function of that ARN. Its outcome interests no caller, as with a call of type Event on AWS. */
  invoke: (arn: string, event: unknown) => void;
}

/** The part of the Lambda API that takes an asynchronous call (InvocationType Event): 202 at once, the function runs later. */
export async function start({ port: preferred = 0, invoke }: FunctionsOptions): Promise<Functions> {
  const begin = performance.now();
  const server = createServer(async (request, response) => {
    const [, arn] = /^\/2015-03-31\/functions\/([^/]{1,500})\/invocations$/.exec(request.url ?? "") ?? [];
    const isEvent = request.headers["x-amz-invocation-type"] === "Event";
    const body = await readBody(request);
    if (request.method !== "POST" || !arn || !isEvent || !body) {
      response.writeHead(400, { "content-type": "application/json" }).end('{"message":"asynchronous calls only"}');
      return;
    }
    response.writeHead(202).end();
    invoke(decodeURIComponent(arn), JSON.parse(body.toString() || "{}"));
  });
  const port = await listen(server, preferred);
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    name: "Lambda",
    address: endpoint,
    ms: since(begin),
    port,
    endpoint,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
