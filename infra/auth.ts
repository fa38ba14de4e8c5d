import { makeFunction } from "./functions.ts";
import { authHost, edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { itemsOfDoor, uses } from "./uses.ts";

/** Fonts of the sign-in pages (functions/auth/fonts.ts finds them at the same path). */
const faces = ["instrument-sans", "inter", "newsreader", "source-serif-4"].map(
  (name) => `node_modules/@fontsource-variable/${name}/files/${name}-latin-wght-normal.woff2`,
);

/** Sign-in on its own host `auth.<domain>` (router.ts), so that its cookies never mix with a school's. */
export const auth = makeFunction("Auth", {
  handler: "packages/functions/src/auth/handler.handler",
  description: "Sign-in pages and tokens",
  timeout: "15 seconds",
  // Argon2id needs 64 MB; Lambda scales the processor with memory.
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
