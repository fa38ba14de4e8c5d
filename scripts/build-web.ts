// Builds the site where its sources have changed since the last build.
import { ensureWebBuild } from "@lectern/local/web-build";

await ensureWebBuild({ log: (line: string) => process.stdout.write(`${line}\n`) });
