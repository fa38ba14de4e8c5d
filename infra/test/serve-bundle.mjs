// `serve-bundle.mjs <folder> <module> [--polyfill]`: emulates Lambda's runtime around one streaming handler behind a
// function URL. Plain Node.js without the repository, so that a bundle runs on its own contents. Prints its port on
// stdout.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, module, flag] = process.argv.slice(2);
const native = { Response, Headers };

// Simulated time from a test: `/.later?<milliseconds>`.
let aheadMs = 0;
const now = Date.now;
Date.now = () => now() + aheadMs;

globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: {
    from(stream, { statusCode, headers, cookies }) {
      stream.head(statusCode, headers, cookies);
      return stream;
    },
  },
};
const { handler } = await import(pathToFileURL(path.join(folder, `${module}.mjs`)).href);
if (flag === "--polyfill") createRequire(import.meta.url)("@remix-run/node").installGlobals();

const facts = {
  isNative: globalThis.Response === native.Response && globalThis.Headers === native.Headers,
  responseJson: typeof Response.json === "function",
  getSetCookie: typeof Headers.prototype.getSetCookie === "function",
};

const server = createServer(async (request, response) => {
  if (request.url === "/.facts") return void response.end(JSON.stringify(facts));
  if (request.url.startsWith("/.later?")) {
    aheadMs += Number(request.url.split("?")[1]);
    return void response.end();
  }
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url, "http://function");
  const event = {
    version: "2.0",
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    requestContext: { http: { method: request.method, path: url.pathname, sourceIp: "192.0.2.99" } },
    isBase64Encoded: chunks.length > 0,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks).toString("base64") }),
  };
  let writes = 0;
  const stream = {
    head(status, headers, cookies) {
      const {
        "transfer-encoding": _,
        "Transfer-Encoding": __,
        "set-cookie": ___,
        "content-length": ____,
        ...kept
      } = headers;
      response.writeHead(status, {
        ...kept,
        ...(cookies.length > 0 && { "set-cookie": cookies }),
        trailer: "x-writes",
      });
    },
    write(chunk) {
      writes += 1;
      response.write(chunk);
    },
    end() {
      if (response.writableEnded) return;
      response.addTrailers({ "x-writes": String(writes) });
      response.end();
    },
  };
  try {
    await handler(event, stream, { callbackWaitsForEmptyEventLoop: true });
  } catch (error) {
    console.error(error);
    response.destroy();
  }
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
