// Builds the site when its sources have changed, and replaces `@remix-run/node` for the Lambda bundle. A tsconfig
// beside SST's wrapper does it, because SST ignores esbuild's other ways.
import { writeFileSync } from "node:fs";
import { ensureWebBuild } from "@lectern/local/web-build";

await ensureWebBuild({ log: (line: string) => process.stdout.write(`${line}\n`) });
const paths = { "@remix-run/node": ["../server/node.ts"] };
const beside = new URL("../packages/web/build/tsconfig.json", import.meta.url);
writeFileSync(beside, `${JSON.stringify({ compilerOptions: { paths } })}\n`);
