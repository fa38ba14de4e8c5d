// Evaluates sst.config.ts for one stage offline: real SST components under mocked Pulumi. Its own process, because
// Pulumi has one stack per process. `evaluate.ts <stage> [--dev] [--as <name>] [--lane <lane>]` writes
// .sst/synth/<stage>.json, or <name>.json for a variant (index.ts). Lanes allow two at a time.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import esbuild from "esbuild";
import { startBuilder } from "./build.ts";
import type { Bundle, Graph, GraphResource } from "./graph.ts";
import { graphs, laneOf, platform, root, work } from "./paths.ts";
import { takeTurn } from "./turn.ts";
import { callOf, stateOf } from "./values.ts";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    dev: { type: "boolean", default: false },
    as: { type: "string" },
    lane: { type: "string", default: "1" },
  },
});
const [stage = "production"] = positionals;
const { dev } = values;
const lane = laneOf(values.lane);
const label = dev ? `${stage}-dev` : stage;
/** Components are created asynchronously and nothing awaits them, so the evaluation ends after a quiet period. */
const quietMs = 1_500;
/** Inputs that take longer than this will never resolve. */
const patienceMs = 90_000;

process.env.AWS_REGION ??= "us-east-1";
process.env.LECTERN_SYNTH = "1";
// Without a limit, esbuild (Go) keeps the memory it has used.
process.env.GOMEMLIMIT ??= "1GiB";
await takeTurn(path.join(lane, "evaluating"));
const builder = await startBuilder(lane);
process.env.SST_SERVER = builder.url;

const resources = new Map<string, GraphResource>();
/** Declared resources whose inputs have not resolved. */
const awaited = new Set<string>();
let lastChange = Date.now();
/** Provider regions by name; a resource's own region overrides them. */
const regions = new Map<string, string>();
const regionOf = (provider: string | undefined): string | undefined =>
  regions.get(/pulumi:providers:aws::([^:]+)::/.exec(provider ?? "")?.[1] ?? "");
interface Asked {
  readonly inputs: Record<string, unknown>;
  readonly provider?: string;
}
const hooks = {
  newResource({ type, name, inputs, provider }: Asked & { type: string; name: string }) {
    lastChange = Date.now();
    const id = `${type}::${name}`;
    awaited.delete(id);
    if (type === "pulumi:providers:aws") regions.set(name, String(inputs.region));
    const region = regionOf(provider);
    const opts = { ...resources.get(id)?.opts, ...(region && { region }) };
    resources.set(id, { type, name, inputs: plain(inputs), opts });
    return { id: `${name}-id`, state: stateOf(type, name, { ...(region && { region }), ...inputs }) };
  },
  call({ token, inputs, provider }: Asked & { token: string }) {
    lastChange = Date.now();
    const region = regionOf(provider);
    return callOf(token, { ...(region && { region }), ...inputs });
  },
  registered({
    type,
    name,
    opts,
  }: {
    type: string;
    name: string;
    opts: { protect?: boolean; retainOnDelete?: boolean; parent?: { __name?: string }; dependsOn?: unknown };
  }) {
    const id = `${type}::${name}`;
    const { protect, retainOnDelete, parent, dependsOn } = opts;
    const kept = {
      ...(protect && { protect }),
      ...(retainOnDelete && { retainOnDelete }),
      ...(parent?.__name && { parent: parent.__name }),
    };
    const known = resources.get(id);
    // Components have no inputs of their own.
    if (!known && !/^(sst|pulumi|lectern):/.test(type)) awaited.add(id);
    resources.set(id, { type, name, inputs: known?.inputs ?? {}, opts: { ...known?.opts, ...kept } });
    if (dependsOn !== undefined) void waited(id, dependsOn);
  },
};
Reflect.set(globalThis, "__synth", hooks);

/** Dependencies that are Pulumi outputs resolve later. */
async function waited(id: string, on: unknown): Promise<void> {
  const dependsOn = (await namesOf(on)).sort();
  lastChange = Date.now();
  const known = resources.get(id);
  if (known && dependsOn.length > 0) resources.set(id, { ...known, opts: { ...known.opts, dependsOn } });
}

async function namesOf(on: unknown): Promise<string[]> {
  if (Array.isArray(on)) return (await Promise.all(on.map(namesOf))).flat();
  if (typeof on !== "object" || on === null) return [];
  const name: unknown = Reflect.get(on, "__name");
  if (typeof name === "string") return [name];
  const promise: unknown = Reflect.get(on, "promise");
  if (typeof promise === "function") return namesOf(await promise.call(on));
  return "then" in on ? namesOf(await on) : [];
}

const cli = {
  command: "deploy",
  dev,
  paths: { home: path.join(work, "home/sst"), root, work: lane, platform },
  state: { version: {} },
};

const banner = {
  js: [
    'import { createRequire as topLevelCreateRequire } from "module";',
    "const require = topLevelCreateRequire(import.meta.url);",
    'import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url";',
    "const __filename = topLevelFileUrlToPath(import.meta.url);",
    'const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));',
  ].join("\n"),
};
const globals = `import * as aws from "@pulumi/aws";\nimport * as sst from "${platform}/src/components";\n`;

/** Bundles as the SST CLI does: its globals in the project's files, the platform from .sst/platform. */
async function load(name: string, contents: string, app: unknown): Promise<unknown> {
  const outfile = path.join(platform, `synth.${name}.${process.pid}.mjs`);
  await esbuild.build({
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    outfile,
    banner,
    logLevel: "silent",
    stdin: { resolveDir: root, sourcefile: "eval.ts", loader: "ts", contents },
    nodePaths: [path.join(platform, "node_modules")],
    define: { $app: JSON.stringify(app), $cli: JSON.stringify(cli), $dev: String(dev) },
    inject: [path.join(platform, "src/shim/run.js")],
    external: [
      "@pulumi/*",
      "undici",
      "@pulumiverse/*",
      "@sst-provider/*",
      "@aws-sdk/*",
      "esbuild",
      "archiver",
      "glob",
      "vite",
    ],
    plugins: [
      {
        name: "globals",
        setup(build) {
          build.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, ({ path: file }) => {
            const ours = file === path.join(root, "sst.config.ts") || file.startsWith(path.join(root, "infra"));
            if (!ours) return undefined;
            return { contents: globals + readFileSync(file, "utf8"), loader: "ts", resolveDir: path.dirname(file) };
          });
        },
      },
    ],
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

const rejections: string[] = [];
let home = "";
process.on("unhandledRejection", (reason) => {
  lastChange = Date.now();
  rejections.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});

try {
  const draft = { name: "lectern", stage, removal: "retain", protect: false, home: "aws", providers: { aws: {} } };
  const config = (await load("app", `export default (await import("${root}/sst.config.ts")).default`, draft)) as {
    default: { app(input: { stage: string }): Promise<{ providers: { aws: { region: string } } }> };
  };
  const app = { ...draft, ...(await config.default.app({ stage })) };
  home = app.providers.aws.region;
  await load(
    "run",
    `
    import * as pulumi from "@pulumi/pulumi";
    await pulumi.runtime.setMocks(globalThis.__synth, "lectern", ${JSON.stringify(stage)}, false);
    const { run } = await import("${platform}/src/auto/run.ts");
    const config = (await import("${root}/sst.config.ts")).default;
    await pulumi.runtime.runInPulumiStack(async () => {
      pulumi.runtime.registerStackTransformation((args) => void globalThis.__synth.registered(args));
      return run(config.run);
    });
    `,
    app,
  );
} catch (error) {
  rejections.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
const isBusy = () =>
  builder.pending() > 0 ||
  Date.now() - lastChange < (awaited.size > 0 && rejections.length === 0 ? patienceMs : quietMs);
while (isBusy()) await new Promise((later) => setTimeout(later, 100));
for (const id of awaited) rejections.push(`${id}: its inputs never came: it waits for a value that nobody gives`);
builder.stop();

mkdirSync(graphs, { recursive: true });
const graph: Graph = {
  stage: label,
  region: home,
  resources: [...resources.values()].sort((a, b) => `${a.type}${a.name}`.localeCompare(`${b.type}${b.name}`)),
  bundles: bundles(),
  rejections,
};
writeFileSync(path.join(graphs, `${values.as ?? label}.json`), JSON.stringify(graph));
process.exit(0);

function bundles(): Bundle[] {
  return [...builder.built].map(([name, { out, handler, linked, source }]) => {
    const made = [path.join(lane, "artifacts", name, "code.zip"), path.join(out, "code.zip")].find(existsSync);
    // The next evaluation writes to the same place, and another lane may read this one now.
    const zip = made ? `${out}.zip` : "";
    if (made) {
      copyFileSync(made, `${zip}.${process.pid}`);
      renameSync(`${zip}.${process.pid}`, zip);
    }
    return {
      name,
      out,
      handler,
      source,
      zipKb: zip ? Math.round(statSync(zip).size / 1024) : 0,
      zip,
      links: Object.keys(linked).sort(),
      linked,
    };
  });
}

/** Serializes inputs: assets by path, circular references dropped. */
function plain(value: unknown, depth = 0): Record<string, unknown> {
  return walk(value, depth) as Record<string, unknown>;
}
function walk(value: unknown, depth: number): unknown {
  if (depth > 20 || typeof value === "function") return undefined;
  if (Array.isArray(value)) return value.map((each) => walk(each, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  if (Reflect.get(value, "__pulumiAsset") || Reflect.get(value, "__pulumiArchive"))
    return { path: Reflect.get(value, "path") };
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, walk(each, depth + 1)]));
}
