import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

export interface Program {
  /** What to start: plain JavaScript, no loader needed. */
  readonly file: string;
  /** For the environment of whoever starts it: what V8 has compiled once is read the next time. */
  readonly env: Readonly<Record<string, string>>;
  /** Leaves nothing behind. */
  remove(): Promise<void>;
}

/**
 * Bundles a program of ours for tests that start it again and again: a start takes tenths of a second where a loader that
 * translates each file takes whole ones. Only our own sources are bundled; packages are loaded from where our sources would
 * find them, and every source knows itself by the file that it was.
 */
export async function bundleProgram(entry: string): Promise<Program> {
  const folder = await mkdtemp(path.join(tmpdir(), "lectern-program-"));
  await build({
    entryPoints: [entry],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    // What a program imports when it needs it stays apart, so that it is not loaded before.
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
