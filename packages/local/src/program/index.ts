import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

export interface Program {
  readonly file: string;
  /** V8's compile cache for the environment of the started program. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/**
 * Bundles a program for tests that start it many times; the TypeScript loader would add seconds to each start. Packages
 * stay external, and every source keeps its own `import.meta.url`.
 */
export async function bundleProgram(entry: string): Promise<Program> {
  const folder = await mkdtemp(path.join(tmpdir(), "lectern-program-"));
  await build({
    entryPoints: [entry],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // Code splitting keeps lazy imports lazy.
    splitting: true,
    keepNames: true,
    platform: "node",
    format: "esm",
    target: "node24",
    jsx: "automatic",
    mainFields: ["module", "main"],
    external: ["pg-native", "esbuild"],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: "warning",
    plugins: [ours],
  });
  return {
    file: path.join(folder, `${path.parse(entry).name}.mjs`),
    env: { NODE_COMPILE_CACHE: path.join(folder, "compiled") },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const ours: Plugin = {
  name: "ours",
  setup(b) {
    b.onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
      const itself = { url: pathToFileURL(file).href, filename: file, dirname: path.dirname(file) };
      const source = await readFile(file, "utf8");
      return {
        contents: source.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, name: keyof typeof itself) =>
          JSON.stringify(itself[name]),
        ),
        loader: file.endsWith("x") ? "tsx" : "ts",
      };
    });
  },
};
