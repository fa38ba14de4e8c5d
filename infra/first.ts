import { stageOf } from "./stage.ts";

// A stage's first deployment, `LECTERN_FIRST=1`: zones for certificate validation, and the registry for the workspace's
// first image. `--target` cannot replace it, because it takes only resources that exist.

// A deployment deletes resources missing from it; on an existing stage that would be everything.
if (Object.keys($cli.state.version).length > 0)
  throw new Error(
    `${$app.stage} (${stageOf($app.stage).kind}) stands already: LECTERN_FIRST is for a stage that has nothing yet`,
  );
await import("./zone.ts");
await import("./images.ts");
