import { test } from "vitest";
import { expectRule, graphOf } from "./graphs.ts";

const graph = graphOf("production");
const role = "aws:iam/role:Role";

/** Adds a statement to a role's inline policy. */
const allow = (inputs: Record<string, { policy: string }[]>, statement: object) => {
  const [inline] = inputs.inlinePolicies ?? [];
  if (!inline) throw new Error("the role has no inline policy");
  const policy = JSON.parse(inline.policy);
  inline.policy = JSON.stringify({ ...policy, Statement: [...policy.Statement, { Effect: "Allow", ...statement }] });
};
const bucket = () => {
  const found = graph.resources.find(({ type, name }) => type === "aws:s3/bucket:Bucket" && name === "BackupsBucket");
  return `arn:aws:s3:::${String(found?.inputs.bucket)}`;
};

test.each([
  ["deletes dumps", /^CronDumpSchoolsRole$/, { Action: "s3:DeleteObject", Resource: `${bucket()}/sch_*/*` }],
  ["reads dumps", /^CronDumpSchoolsRole$/, { Action: ["s3:GetObject"], Resource: `${bucket()}/sch_*/*` }],
  ["puts what it likes", /^CronDumpSchoolsRole$/, { Action: "s3:PutObject", Resource: `${bucket()}/*` }],
  [
    "passes by the lock",
    /^CronDumpSchoolsRole$/,
    { Action: "s3:BypassGovernanceRetention", Resource: `${bucket()}/sch_*/*` },
  ],
  [
    "writes dumps without being the one who does",
    /^ApiRole$/,
    { Action: "s3:PutObject", Resource: `${bucket()}/sch_*/*` },
  ],
])("a function that %s is seen", (_, name, statement) =>
  expectRule("dumps-put-only", graph, ({ find }) => allow(find(role, name).inputs, statement)),
);

test.each([
  ["deletes dumps", "s3:DeleteObject", "/sch_*/*"],
  ["reads what is no school's", "s3:GetObject", "/*"],
])("an operator's command that %s is seen", (_, Action, path) =>
  expectRule("dumps-put-only", graph, ({ find }) => {
    const { inputs } = find("aws:iam/rolePolicy:RolePolicy", /^OperatorTaskPolicy$/);
    const { Statement, ...rest } = JSON.parse(inputs.policy);
    const more = { Effect: "Allow", Action, Resource: `${bucket()}${path}` };
    inputs.policy = JSON.stringify({ ...rest, Statement: [...Statement, more] });
  }),
);

test("the rule finds a bucket that no role may write dumps to", () =>
  expectRule("dumps-put-only", graph, ({ remove }) => remove(role, /^CronDumpSchoolsRole$/)));
