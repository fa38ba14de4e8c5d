import { stageOf } from "./stage.ts";

// First of all: a cell that the setting has no more is asked whether anything of a school is in it, by the release that still
// has it. A deployment that found out in its middle would have taken the rights on it away by then.
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

/** Cells whose database stands, and that are not wanted any more. */
function left(clusters: readonly string[]): string[] {
  const before = `${prefix}-database-`;
  return clusters
    .filter((each) => each.startsWith(before))
    .map((each) => each.slice(before.length))
    .filter((each) => /^cell-\d+$/.test(each) && !stage.cells.includes(each));
}
