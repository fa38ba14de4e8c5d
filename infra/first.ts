import { stageOf } from "./stage.ts";

// The first deployment of a stage, `LECTERN_FIRST=1`: what must answer before the rest can be made. Zones, because
// certificates are proved in them; the registry, because the workspace's service starts an image. `--target` cannot do this:
// it takes what a stage has already.

// What is not in a deployment is taken away by it: on a stage that stands this would be everything.
if (Object.keys($cli.state.version).length > 0)
  throw new Error(
    `${$app.stage} (${stageOf($app.stage).kind}) stands already: LECTERN_FIRST is for a stage that has nothing yet`,
  );
await import("./zone.ts");
await import("./images.ts");
