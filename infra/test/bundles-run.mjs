// `bundles-run.mjs <folder> <module> <export>`: Lambda's own runtime around one handler, as far as a handler can tell. Plain
// Node.js and nothing of the repository, so that a bundle runs on what it brings. Says how long the import took, then
// answers one event after another over the channel of its parent.
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [folder, module, name] = process.argv.slice(2);

// What Lambda brings along for streaming answers: here they are gathered.
globalThis.awslambda = {
  streamifyResponse: (handler) => async (event, context) => {
    const chunks = [];
    const stream = { write: (chunk) => void chunks.push(Buffer.from(chunk)), end() {} };
    await handler(event, stream, context);
    return { ...stream.head, body: Buffer.concat(chunks).toString() };
  },
  HttpResponseStream: { from: (stream, head) => Object.assign(stream, { head }) },
};

// The parts of a local cloud speak http, so the SDK imports node:http here, and whoever imports that makes Node.js read all of
// fetch: these stand among its exports. On AWS the SDK speaks https, and only who asks for fetch has it read.
const http = createRequire(import.meta.url)("node:http");
for (const name of ["WebSocket", "CloseEvent", "MessageEvent"]) delete http[name];

/** Milliseconds of processor since then: what it takes, however busy the machine is. */
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
