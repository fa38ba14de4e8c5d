// npm run demo:record: plays docs/demo.md in a browser and a terminal on a fresh local cloud and records a film with
// captions. --fast shortens pauses; --only <scene,...> plays some scenes (the first ones create what the others use).
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { startCloud } from "@lectern/local/cloud";
import { chromium } from "@playwright/test";
import { findChromium } from "../chromium.mjs";
import { Camera, size } from "./camera.ts";
import { writeFilm } from "./film.ts";
import { look } from "./look.ts";
import { stripDrawer } from "./paper.ts";
import { ending, opening, type Stage, scenes } from "./scenes.ts";
import { Terminal } from "./terminal.ts";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "lectern-demo.mp4" },
    fast: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const say = (line: string) => process.stdout.write(`${line}\n`);

if (values.help) {
  say("npm run demo:record -- [--out <file.mp4>] [--fast] [--only <scene>,<scene>]");
  say(`scenes: ${scenes.map(({ name }) => name.toLowerCase()).join(", ")}`);
} else {
  await record();
}

async function record(): Promise<void> {
  const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), values.out);
  const wanted = values.only?.split(",").map((name) => name.trim().toLowerCase());
  const played = scenes.filter(({ name }) => !wanted || wanted.includes(name.toLowerCase()));
  mkdirSync(path.dirname(file), { recursive: true });
  const work = mkdtempSync(path.join(tmpdir(), "lectern-demo-"));
  const closing: (() => Promise<unknown> | unknown)[] = [() => rmSync(work, { recursive: true, force: true })];
  try {
    say("starting a fresh local cloud ...");
    const cloud = await startCloud({ dataDir: path.join(work, "data"), port: 3000 });
    closing.push(() => cloud.stop());
    await cloud.seed("seedSmall");
    const executablePath = findChromium();
    const browser = await chromium.launch(executablePath ? { executablePath } : {});
    closing.push(() => browser.close());
    const operatorToken = cloud.resources.Secrets.values?.OperatorToken ?? "";
    const terminal = await Terminal.open(browser, {
      SST_RESOURCES_JSON: JSON.stringify(cloud.resources),
      OPERATOR_TOKEN: operatorToken,
    });
    const camera = new Camera({
      file: path.join(work, "pictures"),
      pace: values.fast ? 0.1 : 1,
      drawStrip: await stripDrawer(browser),
    });
    const { url, mailUrl } = cloud;
    const set: Stage = { camera, browser, terminal, url, mailUrl, operatorToken, workerPid };
    await opening(set);
    for (const [at, scene] of played.entries()) {
      say(`${at + 1}/${played.length} ${scene.name}`);
      camera.step = `${at + 1}  ${scene.name}`;
      await scene.play(set);
    }
    camera.step = "";
    await ending(set);
    await camera.stop();
    say("writing the film ...");
    await writeFilm({
      ...{ file, width: size.width, height: size.height, stripHeight: size.strip, framesPerSecond: 20 },
      ...{ durationMs: camera.ms, shots: camera.shots(), strips: camera.strips, captions: camera.captions },
      pointer: (ms) => camera.pointer(ms),
    });
    camera.close();
    const seen = await look(file);
    const seconds = Math.round(seen.durationMs / 1000);
    say(`${file}`);
    say(
      `${Math.floor(seconds / 60)} min ${seconds % 60} s, ${seen.width}x${seen.height}, ${seen.codec}, ` +
        `${seen.captions.length} captions, ${(statSync(file).size / 1024 / 1024).toFixed(1)} MB`,
    );
  } finally {
    for (const close of closing.toReversed()) await close();
  }
}

/** Returns the worker's process id among this process's descendants. */
function workerPid(): number {
  const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  for (const line of list.split("\n")) {
    const [, pid, parent, args = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (Number(parent) === process.pid && args.includes("src/worker/main.ts")) return Number(pid);
  }
  throw new Error("the worker is not to be found among the processes of this one");
}
