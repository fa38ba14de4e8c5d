import { stageOf } from "./stage.ts";

// Runs first: checks with the previous release that cells removed from the setting hold no school. A later check would
// come after their rights were removed.
const stage = stageOf($app.stage);
const prefix = `${$app.name}-${$app.stage}`;

if (!$dev) {
  const { clusterIdentifiers = [] } = await aws.rds.getClusters({
    filters: [{ name: "engine", values: ["aurora-postgresql"] }],
  });
  const cells = left(clusterIdentifiers);
  if (cells.length > 0)
    await aws.lambda.getInvocation({
      functionName: `${prefix}-Migrate`,
      qualifier: "live",
      input: JSON.stringify({ step: "may-leave", cells }),
    });
}

/** Cells that still have a database but are no longer in the setting. */
function left(clusters: readonly string[]): string[] {
  const before = `${prefix}-database-`;
  return clusters
    .filter((each) => each.startsWith(before))
    .map((each) => each.slice(before.length))
    .filter((each) => /^cell-\d+$/.test(each) && !stage.cells.includes(each));
}
