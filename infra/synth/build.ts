import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import esbuild from "esbuild";
import { bundles, root } from "./paths.ts";
import { takeTurn } from "./turn.ts";

interface BuildInput {
  readonly functionID: string;
  readonly handler: string;
  readonly bundle?: string;
  /** Its `Resource` entries, by name. */
  readonly links?: Readonly<Record<string, unknown>>;
  readonly copyFiles?: readonly { readonly from: string; readonly to: string; readonly isAbsolute: boolean }[];
  readonly properties?: {
    readonly minify?: boolean;
    readonly sourcemap?: boolean;
    readonly banner?: string;
    readonly format?: "cjs" | "esm";
    readonly install?: Record<string, string> | readonly string[];
    readonly esbuild?: Readonly<Record<string, unknown>>;
    readonly loader?: Record<string, esbuild.Loader>;
    readonly plugins?: string;
    readonly splitting?: boolean;
  };
}

interface BuildOutput {
  readonly handler: string;
  readonly out: string;
  readonly errors: readonly string[];
  readonly sourcemaps: readonly string[];
}

interface Made {
  readonly linked: Readonly<Record<string, unknown>>;
  /** The handler in the repository, "packages/functions/src/api/handler.handler"; empty for a folder given to SST. */
  readonly source: string;
}

export interface Builder {
  /** The address for SST_SERVER. */
  readonly url: string;
  readonly built: ReadonlyMap<string, BuildOutput & Made>;
  pending(): number;
  stop(): void;
}

const banner = [
  `import { createRequire as topLevelCreateRequire } from 'module';`,
  `const require = topLevelCreateRequire(import.meta.url);`,
  `import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"`,
  `const __filename = topLevelFileUrlToPath(import.meta.url)`,
  `const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))`,
].join("\n");

export async function startBuilder(lane: string): Promise<Builder> {
  const built = new Map<string, BuildOutput & Made>();
  const running = new Map<string, Promise<BuildOutput>>();
  const inTurn = turns(2);
  let waiting = 0;
  const build = (input: BuildInput): Promise<BuildOutput> => {
    // Equal handlers with equal options share a bundle.
    const id = createHash("sha256")
      .update(JSON.stringify([input.handler, input.bundle, input.copyFiles, input.properties]))
      .digest("hex")
      .slice(0, 16);
    let result = running.get(id);
    if (!result) {
      result = inTurn(() => kept(input, path.join(bundles, `${input.functionID}-${id}`)));
      running.set(id, result);
    }
    return result;
  };
  const answers: Record<string, (input: never) => unknown> = {
    "Provider.Aws.Bootstrap": () => ({
      asset: "assets",
      assetEcrRegistryId: "1",
      assetEcrUrl: "ecr",
      state: "state",
      appsyncHttp: "http",
      appsyncRealtime: "realtime",
    }),
    "Provider.Aws.Appsync": () => ({ http: "http", realtime: "realtime" }),
    "Runtime.AddTarget": () => true,
    "Runtime.Build": async (input: BuildInput) => {
      const result = await build(input);
      // SST must not mistake an earlier evaluation's zip for this one.
      rmSync(path.join(lane, "artifacts", input.functionID, "code.zip"), { force: true });
      built.set(input.functionID, { ...result, linked: input.links ?? {}, source: input.bundle ? "" : input.handler });
      return result;
    },
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", async () => {
      waiting += 1;
      const { id, method, params } = JSON.parse(body);
      try {
        const answer = answers[method];
        const error = answer ? null : `rpc: can't find method ${method}`;
        response.end(JSON.stringify({ id, result: answer ? await answer(params[0] as never) : null, error }));
      } catch (error) {
        response.end(JSON.stringify({ id, result: null, error: String(error) }));
      } finally {
        waiting -= 1;
      }
    });
  });
  // On a busy machine, connections idle longer than Node's five seconds; a reset would fail a component.
  server.keepAliveTimeout = 300_000;
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    built,
    pending: () => waiting,
    stop: () => server.close(),
  };
}

/** Limits concurrent builds: each needs hundreds of megabytes. */
function turns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= atOnce) await new Promise<void>((go) => queue.push(go));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      queue.shift()?.();
    }
  };
}

/** Returns a cached bundle when its sources are unchanged; stages share bundles. */
async function kept(input: BuildInput, out: string): Promise<BuildOutput> {
  const release = await takeTurn(`${out}.building`);
  try {
    return await fresh(input, out);
  } finally {
    release();
  }
}

async function fresh(input: BuildInput, out: string): Promise<BuildOutput> {
  const note = `${out}.json`;
  if (!input.bundle && existsSync(note)) {
    const { sources, result }: { sources: Record<string, string>; result: BuildOutput } = JSON.parse(
      readFileSync(note, "utf8"),
    );
    const isFresh = Object.entries(sources).every(([file, stamp]) => stampOf(file) === stamp);
    if (isFresh && existsSync(out)) return result;
  }
  const sources: Record<string, string> = {};
  const result = await bundle(input, out, (file) => {
    sources[file] = stampOf(file);
  });
  if (result.errors.length === 0) writeFileSync(note, JSON.stringify({ sources, result }));
  return result;
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size } = statSync(path.resolve(root, file));
    return `${mtimeMs} ${size}`;
  } catch {
    return "gone";
  }
}

/** SST's CLI reads these `nodejs.esbuild` options and silently drops the rest (v4.17, pkg/runtime/node/node.go). */
const read = ["target", "sourcemap", "keepNames", "define", "external", "nodePaths", "mainFields", "conditions"];
/** SST's Remix component still sets it; the CLI drops it. */
const dropped = ["inject"];

async function bundle(input: BuildInput, out: string, onSource: (file: string) => void): Promise<BuildOutput> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  if (input.bundle) {
    cpSync(path.resolve(root, input.bundle), out, { recursive: true });
    return { handler: input.handler, out, errors: [], sourcemaps: [] };
  }
  const { properties = {} } = input;
  const without = path.resolve(root, input.handler.replace(/\.[^.]*$/, ""));
  const file = [".ts", ".tsx", ".mts", ".js", ".mjs"].map((ending) => without + ending).find(existsSync);
  if (!file) return { handler: "", out, errors: [`Handler not found: ${input.handler}`], sourcemaps: [] };
  const unread = Object.keys(properties.esbuild ?? {}).filter((name) => ![...read, ...dropped].includes(name));
  if (unread.length > 0 || properties.plugins) {
    const names = [...unread.map((name) => `esbuild.${name}`), ...(properties.plugins ? ["plugins"] : [])];
    return {
      handler: "",
      out,
      errors: [`${input.functionID}: SST reads no nodejs.${names.join(", ")}`],
      sourcemaps: [],
    };
  }
  const asked: esbuild.BuildOptions = properties.esbuild ?? {};
  const installed = Array.isArray(properties.install) ? properties.install : Object.keys(properties.install ?? {});
  // With `sourcemap: false` the CLI leaves the maps in the zip; without the option it uploads them elsewhere.
  const { sourcemap = "linked", keepNames = true, target = "es2024", mainFields = ["module", "main"] } = asked;
  try {
    const { metafile } = await esbuild.build({
      entryPoints: [file],
      metafile: true,
      absWorkingDir: root,
      platform: "node",
      external: ["sharp", "pg-native", ...installed, ...(asked.external ?? [])],
      loader: properties.loader ?? {},
      bundle: true,
      minify: properties.minify ?? false,
      format: properties.format ?? "esm",
      ...{ sourcemap, keepNames, target, mainFields },
      ...(asked.define && { define: asked.define }),
      ...(asked.conditions && { conditions: asked.conditions }),
      ...(asked.nodePaths && { nodePaths: asked.nodePaths }),
      banner: { js: `${banner}\n${properties.banner ?? ""}` },
      logLevel: "silent",
      ...(properties.splitting
        ? { outdir: out, splitting: true, outExtension: { ".js": ".mjs" }, entryNames: "bundle" }
        : { outfile: path.join(out, "bundle.mjs") }),
    });
    for (const source of Object.keys(metafile?.inputs ?? {})) onSource(source);
    // `sideEffects` of a package decides what esbuild may drop.
    for (const each of ["core", "functions", "tenants", "web"]) onSource(`packages/${each}/package.json`);
  } catch (error) {
    return { handler: "", out, errors: [`${input.functionID}: ${String(error)}`], sourcemaps: [] };
  }
  if (installed.length > 0) {
    // Links the packages Node would find; a deployment checks what npm installs for the target machine.
    writeFileSync(
      path.join(out, "package.json"),
      JSON.stringify({ dependencies: Object.fromEntries(installed.map((each) => [each, "*"])) }),
    );
  }
  const sourcemaps = properties.sourcemap === undefined ? readdirSync(out).filter((each) => each.endsWith(".map")) : [];
  // SST itself puts files to be copied into the zip.
  return {
    handler: `bundle${path.extname(input.handler)}`,
    out,
    errors: [],
    sourcemaps: sourcemaps.map((each) => path.join(out, each)),
  };
}
