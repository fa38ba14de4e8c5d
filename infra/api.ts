import { type FunctionSpec, type Made, makeFunction, type Use } from "./functions.ts";
import { asksAll } from "./messaging.ts";
import { edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { itemsOfDoor, uses } from "./uses.ts";

// The API: one function for all domains. A domain listed in `domains` and in the stage's `split` gets its own function
// (concurrency, memory, alarms, canary), and the edge sends its paths there.
const stage = stageOf($app.stage);

/** Needed by every operation of a school. */
const inSchools: Use[] = [
  ...[edge, uses.platform, uses.directory, itemsOfDoor("Api")],
  ...[uses.schools, uses.database, uses.nudges],
];
/** Needed in addition by platform operations, health and metrics. */
const ofPlatform: Use[] = [
  uses.catalog,
  uses.ops,
  uses.stores,
  asksAll,
  secretsLink("SessionSecret", "FinderKey", "InternalKeys", "OperatorToken"),
];

const serve = (name: string, spec: Pick<FunctionSpec, "handler" | "description" | "uses" | "reserved">): Made =>
  makeFunction(name, { timeout: "20 seconds", memory: "1024 MB", url: "buffered", ...spec });

export const api = serve("Api", {
  handler: "packages/functions/src/api/handler.handler",
  description: "The API",
  uses: [...inSchools, ...ofPlatform],
  reserved: stage.concurrency.api,
});
for (const path of ["/api", "/health", "/metrics"]) router.route(path, address(api));

/** Domains that may get their own function: their paths and uses. */
const domains: Record<string, { readonly path: string; readonly uses: readonly Use[] }> = {
  courses: { path: "/courses", uses: inSchools },
  users: { path: "/users", uses: inSchools },
};
for (const name of stage.split) {
  const domain = domains[name];
  if (!domain)
    throw new Error(`${name} is no domain of the API that could be split off: ${Object.keys(domains).join(", ")}`);
  const made = serve(`Api${name.charAt(0).toUpperCase()}${name.slice(1)}`, {
    handler: `packages/functions/src/api/split/${name}.handler`,
    description: `The API below /api/v1${domain.path}`,
    uses: domain.uses,
  });
  router.route(`/api/v1${domain.path}`, address(made));
}

function address({ name, url }: Made): $util.Output<string> {
  if (!url) throw new Error(`${name} has no address`);
  return url;
}
