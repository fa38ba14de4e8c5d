// Bundles the workspace's image into packages/functions/build/workspace: the program and the operators' command line
// with shared chunks, without node_modules.
import { copyFileSync, cpSync, mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import esbuild from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const program = path.join(root, "packages/functions/src/workspace");

/** The workspace's program, with its chunks beside it. */
export const buildWorkspace = (outfile: string): Promise<void> => build(path.join(program, "server.ts"), outfile);

/** Bundles the operators' command line with its chunks and migrations. */
export async function buildOperator(folder: string): Promise<void> {
  await build(path.join(root, "packages/cli/src/stage.ts"), path.join(folder, "operate.mjs"));
  cpSync(path.join(root, "migrations"), path.join(folder, "migrations"), { recursive: true });
}

async function build(entry: string, outfile: string): Promise<void> {
  await esbuild.build({
    entryPoints: [{ in: entry, out: path.parse(outfile).name }],
    outdir: path.dirname(outfile),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // A rendering thread loads the chunk it starts in. In a single file, that would run the program again.
    splitting: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    external: ["pg-native"],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: "warning",
  });
}

if (import.meta.main) {
  const out = path.join(root, "packages/functions/build/workspace");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await Promise.all([buildWorkspace(path.join(out, "server.mjs")), buildOperator(out)]);
  copyFileSync(path.join(program, "Dockerfile"), path.join(out, "Dockerfile"));
}
