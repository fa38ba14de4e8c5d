import { makeFunction } from "./functions.ts";
import { authHost, edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { uses } from "./uses.ts";

/** Sign-in, on a host of its own: `auth.<domain>` (router.ts). Its cookies never meet those of a school. */
export const auth = makeFunction("Auth", {
  handler: "packages/functions/src/auth/handler.handler",
  description: "Sign-in pages and tokens",
  timeout: "15 seconds",
  // Argon2id takes its 64 MB, and a processor in proportion to memory.
  memory: "1792 MB",
  url: "buffered",
  uses: [
    edge,
    uses.platform,
    uses.directory,
    uses.directoryWrites,
    uses.auth,
    uses.schools,
    uses.database,
    secretsLink("SessionSecret"),
  ],
});

if (auth.url) router.route(`${authHost}/`, auth.url);
