// `bundles-run.mjs <folder> <module> <export>`: emulates Lambda's runtime around one handler. Plain Node.js without the
// repository, so that a bundle runs on its own contents. Reports the import time, then answers events from its parent.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, module, name] = process.argv.slice(2);

// Lambda's response streaming global; here it buffers.
globalThis.awslambda = {
  streamifyResponse: (handler) => async (event, context) => {
    const chunks = [];
    const stream = { write: (chunk) => void chunks.push(Buffer.from(chunk)), end() {} };
    await handler(event, stream, context);
    return { ...stream.head, body: Buffer.concat(chunks).toString() };
  },
  HttpResponseStream: { from: (stream, head) => Object.assign(stream, { head }) },
};

// Local services speak http, so the SDK imports node:http, whose export getters load all of fetch. On AWS the SDK uses
// https and loads fetch only on demand.
const http = createRequire(import.meta.url)("node:http");
for (const name of ["WebSocket", "CloseEvent", "MessageEvent"]) delete http[name];

const cpuSince = (from) => {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
};
const cpu = process.cpuUsage();
const begin = performance.now();
const loaded = await import(pathToFileURL(path.join(folder, `${module}.mjs`)).href);
process.send({ ready: performance.now() - begin, cpuMs: cpuSince(cpu) });

process.on("message", async ({ event, context }) => {
  const from = performance.now();
  const cpuFrom = process.cpuUsage();
  try {
    const end = Date.now() + 30_000;
    const answer = await loaded[name](event, { ...context, getRemainingTimeInMillis: () => end - Date.now() });
    process.send({
      answer: answer === undefined ? null : answer,
      ms: performance.now() - from,
      cpuMs: cpuSince(cpuFrom),
    });
  } catch (error) {
    process.send({ error: { name: error?.name, message: String(error?.message ?? error), stack: error?.stack } });
  }
});
