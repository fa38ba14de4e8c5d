import { type Made, makeFunction, type Use } from "./functions.ts";
import { asksAll } from "./messaging.ts";
import { edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { uses } from "./uses.ts";

// The API: one function for all domains. A domain that needs its own room (reserved concurrency, memory, alarms, canary)
// gets it by one line in `domains` and its name in the stage's `split`; the edge then sends its paths there.
const stage = stageOf($app.stage);

const used: Use[] = [
  edge,
  uses.platform,
  uses.directory,
  uses.directoryWrites,
  uses.auth,
  uses.schools,
  uses.database,
  uses.catalog,
  uses.ops,
  uses.stores,
  asksAll,
  secretsLink("SessionSecret", "FinderKey", "InternalKeys", "OperatorToken"),
];

const serve = (name: string, paths: string, reserved?: number): Made =>
  makeFunction(name, {
    handler: "packages/functions/src/api/handler.handler",
    description: paths === "" ? "The API" : `The API below /api/v1${paths}`,
    timeout: "20 seconds",
    memory: "1024 MB",
    url: "buffered",
    uses: used,
    environment: { LECTERN_API_PATHS: paths },
    ...(reserved !== undefined && { reserved }),
  });

export const api = serve("Api", "", stage.concurrency.api);
for (const path of ["/api", "/health", "/metrics"]) router.route(path, address(api));

/** Domains that may have a function of their own, and what they answer. */
const domains: Record<string, string> = {
  courses: "/courses",
  users: "/users",
};
for (const name of stage.split) {
  const path = domains[name];
  if (!path)
    throw new Error(`${name} is no domain of the API that could be split off: ${Object.keys(domains).join(", ")}`);
  router.route(`/api/v1${path}`, address(serve(`Api${name.charAt(0).toUpperCase()}${name.slice(1)}`, path)));
}

function address({ name, url }: Made): $util.Output<string> {
  if (!url) throw new Error(`${name} has no address`);
  return url;
}
