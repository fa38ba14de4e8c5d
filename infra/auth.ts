import { makeFunction } from "./functions.ts";
import { authHost, edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { itemsOfDoor, uses } from "./uses.ts";

/** The pages' faces (functions/auth/fonts.ts finds them as it does in the repository). */
const faces = ["instrument-sans", "inter", "newsreader", "source-serif-4"].map(
  (name) => `node_modules/@fontsource-variable/${name}/files/${name}-latin-wght-normal.woff2`,
);

/** Sign-in, on a host of its own: `auth.<domain>` (router.ts). Its cookies never meet those of a school. */
export const auth = makeFunction("Auth", {
  handler: "packages/functions/src/auth/handler.handler",
  description: "Sign-in pages and tokens",
  timeout: "15 seconds",
  // Argon2id takes its 64 MB, and a processor in proportion to memory.
  memory: "1792 MB",
  url: "buffered",
  files: faces,
  uses: [
    edge,
    uses.platform,
    uses.directory,
    itemsOfDoor("Auth"),
    uses.auth,
    uses.schools,
    uses.database,
    uses.nudges,
    secretsLink("SessionSecret"),
  ],
});

if (auth.url) router.route(`${authHost}/`, auth.url);
