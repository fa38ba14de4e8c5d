import { schoolPolicy, schoolTrust } from "../packages/core/src/kernel/aws/wall.ts";
import { account, partition } from "./account.ts";
import { schoolRoleName } from "./functions.ts";
import { keys } from "./keys.ts";
import { buckets } from "./storage.ts";
import { dataTables } from "./tables.ts";

// The isolation between schools in DynamoDB and S3: one role, assumed per school with a policy that reaches only that
// school's prefix. Both sides limit who assumes it: the trust policy by the stage tag of the caller's role (forty role
// names would not fit), and the caller's own rights (uses.ts).
const trust = $util.all([partition, account]).apply(([partition, account]) => {
  const { Version, Statement } = schoolTrust({ principals: [`arn:${partition}:iam::${account}:root`] });
  const ours = { "aws:PrincipalTag/sst:app": $app.name, "aws:PrincipalTag/sst:stage": $app.stage };
  return JSON.stringify({
    Version,
    Statement: Statement.map((each) => ({ ...each, Condition: { ...each.Condition, StringEquals: ours } })),
  });
});

const role = new aws.iam.Role("SchoolRole", {
  name: schoolRoleName,
  description: "Work for one school: its own items and files, by the session tag that names it.",
  assumeRolePolicy: trust,
});

export const schoolRolePolicy = new aws.iam.RolePolicy("SchoolRolePolicy", {
  role: role.name,
  policy: $util
    .all([
      $util.all(dataTables.map(({ table }) => table.arn)),
      $util.all([buckets.media.arn, buckets.packages.arn]),
      $util.all([keys.data.arn, keys.storage.arn]),
    ])
    .apply(([tableArns, bucketArns, keyArns]) => JSON.stringify(schoolPolicy({ tableArns, bucketArns, keyArns }))),
});
