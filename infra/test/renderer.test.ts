import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import esbuild from "esbuild";
import { expect, test } from "vitest";
import { bundling } from "../bundling.ts";

const core = join(import.meta.dirname, "..", "..", "packages", "core", "src");

// SST's banner, which packages written for `require` need.
const banner = [
  'import { createRequire } from "node:module";',
  'import { dirname } from "node:path";',
  "const require = createRequire(import.meta.url);",
  "const __dirname = dirname(new URL(import.meta.url).pathname);",
].join("");

// The renderer starts its threads from the bundle's file that contains it.
test("a bundle renders in threads: a page that takes too long becomes text", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "lectern-bundle-"));
  try {
    const contents = `
      import { withActor } from "./kernel/actor/index.ts";
      import { renderSource } from "./content/rendering/index.ts";
      const hostile = ("\`\`\`ini\\n" + ("a".repeat(990) + "\\n").repeat(8) + "\\n\`\`\`\\n\\n").repeat(240);
      const school = { schoolId: "sch_test" };
      const pages = await withActor({ type: "system", school }, () =>
        Promise.all(["*Hello*", hostile].map((source) => renderSource("markdown", source))));
      console.log(JSON.stringify(pages.map(({ html, isPlain }) => [html.slice(0, 20), isPlain ?? false])));
      process.exit(0);`;
    const { sourcemap, keepNames, define } = bundling.esbuild;
    await esbuild.build({
      stdin: { contents, resolveDir: core, loader: "ts" },
      ...{ bundle: true, format: "esm", platform: "node", target: "node24", outdir: folder, logLevel: "error" },
      ...{ splitting: bundling.splitting, minify: bundling.minify, sourcemap, keepNames, define },
      ...{ outExtension: { ".js": ".mjs" }, mainFields: ["module", "main"], banner: { js: banner } },
    });
    const env = { ...process.env, SST_RESOURCES_JSON: "{}", NODE_OPTIONS: "" };
    const answer = execFileSync(process.execPath, [join(folder, "stdin.mjs")], {
      encoding: "utf8",
      env,
      timeout: 90_000,
    });
    const pages: unknown = JSON.parse(answer.trim().split("\n").at(-1) ?? "");
    expect(pages).toEqual([
      ["<p><em>Hello</em></p", false],
      ["<p>```ini<br>aaaaaaa", true],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
