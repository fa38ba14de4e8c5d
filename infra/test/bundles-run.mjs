// `bundles-run.mjs <folder> <module> <export>`: Lambda's own runtime around one handler, as far as a handler can tell. Plain
// Node.js and nothing of the repository, so that a bundle runs on what it brings. Says how long the import took, then
// answers one event after another over the channel of its parent.
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

const begin = performance.now();
const loaded = await import(pathToFileURL(path.join(folder, `${module}.mjs`)).href);
process.send({ ready: performance.now() - begin });

process.on("message", async ({ event, context }) => {
  const from = performance.now();
  try {
    const end = Date.now() + 30_000;
    const answer = await loaded[name](event, { ...context, getRemainingTimeInMillis: () => end - Date.now() });
    process.send({ answer: answer === undefined ? null : answer, ms: performance.now() - from });
  } catch (error) {
    process.send({ error: { name: error?.name, message: String(error?.message ?? error), stack: error?.stack } });
  }
});
