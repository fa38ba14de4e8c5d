// Every API route names the permission of its core function and a rate limit, and no undeclared route exists.
import { Api } from "@lectern/functions/api";

const findings = Api.findings();
for (const finding of findings) process.stdout.write(`${finding}\n`);
process.exit(findings.length === 0 ? 0 : 1);
