// npm run dev: the local cloud for a developer. bin/dev.mjs starts it on the repository's Node.
import { readdirSync, rmSync } from "node:fs";
import { type Cloud, StartError, startCloud } from "../cloud/index.ts";
import { openDataDir } from "../cloud/state.ts";
import { writeJson } from "../util/files.ts";
import { codeOf, messageOf } from "../util/part.ts";
import { banner, partLine } from "./banner.ts";
import {
  type DemoKind,
  type DemoSchool,
  expect as expectDemo,
  recall,
  remember,
  schoolsOf,
  takeExpected,
} from "./demo.ts";
import { type DevOptions, parseOptions, usage } from "./options.ts";
import { whenReady } from "./ready.ts";
import { reset } from "./reset.ts";

const begin = performance.now();
const ending = new AbortController();
let cloud: Cloud | undefined;

process.stdout.on("error", () => {}); // the reader closed the pipe; the schools stay open
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const log = (line: string): void => print(`  ${new Date().toTimeString().slice(0, 8)}  ${line}`);

async function end(code: number): Promise<void> {
  if (ending.signal.aborted) process.exit(1); // second request: the guard ends the rest
  ending.abort();
  await cloud?.stop();
  process.exit(code);
}
process.on("SIGINT", () => void end(0));
process.on("SIGTERM", () => void end(0));
process.on("SIGHUP", () => void end(0));
process.on("disconnect", () => void end(0)); // the launcher exited
process.on("unhandledRejection", (error) => log(`an ignored promise failed: ${messageOf(error)}`));
process.on("uncaughtException", (error) => void fail(error));

async function fail(error: unknown): Promise<void> {
  if (ending.signal.aborted) return;
  ending.abort();
  const isFull = codeOf(error) === "ENOSPC" || /ENOSPC|No space left/i.test(messageOf(error));
  if (isFull) console.error("The disk is full. Free some space and start again.");
  else console.error(error instanceof StartError ? error.message : error);
  await cloud?.stop().catch(() => {});
  process.exit(1);
}

async function main(options: DevOptions): Promise<void> {
  if (options.readyFile) rmSync(options.readyFile, { force: true });
  if (options.reset) reset(options.dataDir);
  const isNew = isEmpty(options.dataDir);
  openDataDir(options.dataDir);
  if (isNew && options.isDefaultDir) expectDemo(options.dataDir);
  print("");
  const starting = startCloud({
    dataDir: options.dataDir,
    hot: options.hot,
    log,
    onPart: (part) => print(partLine(part)),
    ...(options.port !== undefined && { port: options.port }),
  });
  cloud = await starting;
  if (ending.signal.aborted) return void (await cloud.stop());
  const { url, apiUrl, mailUrl, port } = cloud;
  const schools = await demo(cloud, options);
  await whenReady(port, ending.signal, (reason) => log(`not ready yet: /health/ready says ${reason}`));
  if (ending.signal.aborted) return;
  const { LocalCloud, Secrets } = cloud.resources;
  const seconds = (performance.now() - begin) / 1000;
  const dnsUrl = `${LocalCloud.endpoints.cloudfront}/dns`;
  const operatorToken = Secrets.values?.OperatorToken ?? "";
  print(banner({ url, apiUrl, mailUrl, dnsUrl, operatorToken, schools, seconds }));
  if (options.readyFile) writeJson(options.readyFile, { url, apiUrl, mailUrl, schools, pid: process.pid });
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    return false; // openDataDir reports the problem
  }
}

/** Seeds the requested demo, or returns the one of an earlier start. A failing demo does not stop the start. */
async function demo(running: Cloud, options: DevOptions): Promise<DemoSchool[]> {
  const known = recall(options.dataDir, running.port);
  const expected = takeExpected(options.dataDir);
  const kind: DemoKind | undefined =
    options.seed && known?.kind !== "seedFull" ? "seedFull" : expected && !options.seed ? "seedSmall" : undefined;
  if (!kind) return known?.schools ?? [];
  const from = performance.now();
  try {
    const schools = schoolsOf(await running.seed(kind, log));
    if (!schools) return known?.schools ?? [];
    remember(options.dataDir, kind, schools);
    log(`the demo was built in ${((performance.now() - from) / 1000).toFixed(1)} s`);
    return recall(options.dataDir, running.port)?.schools ?? schools;
  } catch (error) {
    if (!ending.signal.aborted) log(`the demo could not be built: ${messageOf(error)}`);
    return known?.schools ?? [];
  }
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) await main(options);
  else {
    print(usage);
    process.exit(0);
  }
} catch (error) {
  await fail(error);
}
