// npm run synth [-- --stage <stage>] [--json] [--variant] [--regions] [--all]: type-checks sst.config.ts and infra/,
// evaluates every stage (or one) offline with real SST components and bundles, and prints the graph rules' findings.
// Exit 1 on any finding. --variant is production with all flags, two cells and one API domain split off; --regions has
// page servers in three regions.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import path from "node:path";
import { legalMissing } from "../asked.ts";
import { optionsOf } from "../options.ts";
import { check } from "../rules/index.ts";
import type { Finding } from "../rules/rule.ts";
import { flagNames } from "../stage.ts";
import type { Graph } from "./graph.ts";
import { importMs } from "./import-time.ts";
import { root, graphs as written } from "./paths.ts";

interface Summary {
  readonly stage: string;
  readonly resources: { readonly total: number; readonly byType: Readonly<Record<string, number>> };
  readonly bundles: readonly { readonly name: string; readonly zipKb: number; readonly importMs: number }[];
  readonly rejections: readonly string[];
  readonly findings: readonly Finding[];
}

const help = `npm run synth [-- options]: evaluates what a stage would be on AWS, offline; without a stage all of them
  --stage <stage>  one stage: production, staging, preview or a name of your own
  --dev            as \`npx sst dev\` would have it
  --variant        production with one domain of the API on a function of its own, and every flag set
  --regions        production with pages' servers in three regions
  --all            every stage and both of these
  --json           one object (or one list) on stdout and nothing else`;
const values = optionsOf(help, {
  stage: { type: "string" },
  dev: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  variant: { type: "boolean", default: false },
  regions: { type: "boolean", default: false },
  all: { type: "boolean", default: false },
});
const say = (line: string) => process.stderr.write(`${line}\n`);

const types = spawnSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-p", "infra"], {
  cwd: root,
  encoding: "utf8",
});
if (types.status !== 0) {
  say(types.stdout);
  say("synth: sst.config.ts or infra/ does not type-check");
  process.exit(1);
}

// SST's build command for the site, run once for all stages; evaluations run no commands.
const pages = spawnSync(
  process.execPath,
  ["--import", "tsx", "--import", "./packages/local/bin/preload.mjs", "scripts/build-web.ts"],
  {
    cwd: root,
    encoding: "utf8",
  },
);
if (pages.status !== 0) {
  say(pages.stdout + pages.stderr);
  say("synth: the site does not build");
  process.exit(1);
}

interface Wanted {
  readonly stage: string;
  readonly dev?: boolean;
  readonly variant?: keyof typeof variants;
}
/** Variables that produce a variant, as an operator would set them. */
const variants = {
  variant: { LECTERN_SPLIT: "courses", LECTERN_FLAGS: flagNames.join(","), LECTERN_CELLS: "cell-1,cell-2" },
  regions: { LECTERN_WEB_REGIONS: "us-east-1,eu-west-1,ap-southeast-2" },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;
const stages: readonly Wanted[] = [
  { stage: "production" },
  { stage: "staging" },
  { stage: "preview" },
  { stage: "ada" },
  { stage: "ada", dev: true },
];
const wanted = wantedBy();

// The first evaluation builds the bundles that most others reuse; those then run in parallel.
const graphs: Graph[] = [];
const waiting = [...wanted.entries()];
async function work(lane: string): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const [at, each] = next;
    const begin = performance.now();
    const graph = await evaluate(each, lane);
    graphs[at] = graph;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const name = each.variant ? `${each.stage} (${each.variant})` : graph.stage;
    say(`${name}: ${graph.resources.length} resources, ${graph.bundles.length} bundles, ${seconds} s`);
    if (at === 0) return;
  }
}
await work("1");
// Each evaluation needs a gigabyte, and esbuild as much again.
await Promise.all(totalmem() < 8 * 2 ** 30 ? [work("1")] : [work("1"), work("2")]);

const summaries: Summary[] = [];
for (const graph of graphs) summaries.push(await summarise(graph));
for (const { stage, rejections, findings } of summaries) {
  if (stage === "production") for (const each of legalMissing()) say(`production: note: ${each}`);
  for (const rejection of rejections) say(`${stage}: rejected: ${rejection}`);
  for (const { rule, resource, message } of findings) say(`${stage}: ${rule}: ${resource}: ${message}`);
}
const isOne = !values.all && wanted.length === 1;
if (values.json) process.stdout.write(`${JSON.stringify(isOne ? summaries[0] : summaries, null, 2)}\n`);
process.exit(summaries.some(({ rejections, findings }) => rejections.length > 0 || findings.length > 0) ? 1 : 0);

function wantedBy(): readonly Wanted[] {
  const { stage, dev, all } = values;
  const named = (["variant", "regions"] as const).filter((name) => all || values[name]);
  const asked = named.map((variant): Wanted => ({ stage: stage ?? "production", variant, dev }));
  if (all) return [...stages, ...asked];
  if (asked.length > 0) return asked;
  return stage ? [{ stage, dev }] : stages;
}

async function evaluate({ stage, dev = false, variant }: Wanted, lane: string): Promise<Graph> {
  const child = spawn(
    process.execPath,
    [
      ...["--import", "tsx", path.join(root, "infra/synth/evaluate.ts"), stage, "--lane", lane],
      ...(dev ? ["--dev"] : []),
      ...(variant ? ["--as", variant] : []),
    ],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...(variant && variants[variant]) } },
  );
  child.stdout.pipe(process.stderr);
  const code = await new Promise<number | null>((ended) => child.once("close", ended));
  const label = dev ? `${stage}-dev` : stage;
  if (code !== 0) {
    return {
      stage: label,
      region: "",
      resources: [],
      bundles: [],
      rejections: [`the evaluation ended with code ${code}`],
    };
  }
  return JSON.parse(readFileSync(path.join(written, `${variant ?? label}.json`), "utf8"));
}

async function summarise(graph: Graph): Promise<Summary> {
  const byType: Record<string, number> = {};
  for (const { type } of graph.resources) byType[type] = (byType[type] ?? 0) + 1;
  const bundles: { name: string; zipKb: number; importMs: number }[] = [];
  for (const bundle of graph.bundles) {
    bundles.push({ name: bundle.name, zipKb: bundle.zipKb, importMs: await importMs(bundle) });
  }
  return {
    stage: graph.stage,
    resources: { total: graph.resources.length, byType },
    bundles,
    rejections: graph.rejections,
    findings: check(graph),
  };
}
