import type { Graph } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, ofType, type Rule } from "./rule.ts";

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Deployment and AWS Backup roles are checked beside their reasons. */
const judgedElsewhere = /^(Deploy|Pipeline|Build|Backup|Boundary)/;

/** Operators run single commands and need this to restore a school. */
const operators = "OperatorTaskPolicy";
const restoring = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"];

/** Rights of the stage's roles on the backups bucket: role, actions, resource. */
function* rightsOn(graph: Graph, bucketArn: string) {
  const owners = ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy");
  for (const owner of owners) {
    if (judgedElsewhere.test(owner.name)) continue;
    const texts = [
      at(owner, "policy"),
      ...list(at(owner, "inlinePolicies")).map((each) => Reflect.get(Object(each), "policy")),
    ];
    for (const text of texts)
      for (const { effect, actions, resources } of statementsOf(text))
        for (const resource of resources)
          if (effect === "Allow" && resource.startsWith(bucketArn)) yield { owner: owner.name, actions, resource };
  }
}

export const backupRules: readonly Rule[] = [
  {
    name: "dumps-put-only",
    why: "Stolen rights of a function must not be able to read every school's dump, or to take one away. Only an operator's command reads.",
    *check(graph) {
      const bucket = ofType(graph, "aws:s3/bucket:Bucket").find(({ name }) => name === "BackupsBucket");
      if (!bucket) return void (yield { resource: graph.stage, message: "has no bucket for dumps" });
      const found = [...rightsOn(graph, `arn:aws:s3:::${String(at(bucket, "bucket"))}`)];
      for (const { owner, actions, resource } of found) {
        if (owner === operators) {
          for (const action of actions)
            if (!restoring.includes(action) || (action !== "s3:ListBucket" && !/\/sch_\*\/\*$/.test(resource)))
              yield { resource: owner, message: `may ${action} in the backups bucket` };
          continue;
        }
        for (const action of actions)
          if (action !== "s3:PutObject") yield { resource: owner, message: `may ${action} in the backups bucket` };
        if (!/\/sch_\*\/\*$/.test(resource))
          yield { resource: owner, message: `may put what is no school's dump: ${resource}` };
        if (owner !== "CronDumpSchoolsRole") yield { resource: owner, message: "writes dumps, which is not its work" };
      }
      if (
        found.every(({ owner }) => owner === operators) &&
        ofType(graph, "aws:scheduler/schedule:Schedule").length > 0
      )
        yield { resource: bucket.name, message: "nobody puts a dump there every night" };
    },
  },
];
