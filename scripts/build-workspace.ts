// Bundles the workspace's program into packages/functions/build/workspace, beside its Dockerfile: one file, no node_modules.
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import esbuild from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const program = path.join(root, "packages/functions/src/workspace");

/** The program as one file that needs nothing beside it. */
export async function buildWorkspace(outfile: string): Promise<void> {
  await esbuild.build({
    entryPoints: [path.join(program, "server.ts")],
    outfile,
    bundle: true,
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
  mkdirSync(out, { recursive: true });
  await buildWorkspace(path.join(out, "server.mjs"));
  copyFileSync(path.join(program, "Dockerfile"), path.join(out, "Dockerfile"));
}
