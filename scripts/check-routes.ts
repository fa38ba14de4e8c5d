// Every route of the API names its permission, which is that of the core function it calls, and its rate limit; and no
// route exists that was not declared. Part of `npm run check`.
import { Api } from "@lectern/functions/api";

const findings = Api.findings();
for (const finding of findings) process.stdout.write(`${finding}\n`);
process.exit(findings.length === 0 ? 0 : 1);
