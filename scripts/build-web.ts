// Builds the site where its sources have changed since the last build, and tells who bundles it for Lambda what
// `@remix-run/node` is there. By a tsconfig beside SST's wrapper, because SST reads none of esbuild's ways to say it.
import { writeFileSync } from "node:fs";
import { ensureWebBuild } from "@lectern/local/web-build";

await ensureWebBuild({ log: (line: string) => process.stdout.write(`${line}\n`) });
const paths = { "@remix-run/node": ["../server/node.ts"] };
const beside = new URL("../packages/web/build/tsconfig.json", import.meta.url);
writeFileSync(beside, `${JSON.stringify({ compilerOptions: { paths } })}\n`);
