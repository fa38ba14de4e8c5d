import { expect, test } from "vitest";
import { doorPolicy, doorUses, itemRights } from "../../packages/core/src/kernel/aws/shared-tables.ts";
import { statementsOf } from "../rules/policy.ts";
import { at, ofType } from "../rules/rule.ts";
import { expectRule, graphOf } from "./graphs.ts";

// Access to sign-in keys and the directory: each rule finds nothing, and then the mistake planted here.
const graph = graphOf("preview");

const planted =
  (owner: RegExp, change: (statements: Record<string, unknown>[]) => void): Parameters<typeof expectRule>[2] =>
  ({ find }) => {
    const { inputs } = find("aws:iam/role:Role", owner);
    const [inline] = inputs.inlinePolicies;
    const document = JSON.parse(inline.policy);
    change(document.Statement);
    inline.policy = JSON.stringify(document);
  };
const table = (name: string) => `arn:aws:dynamodb:us-east-1:123456789012:table/lectern-preview-${name}Table-x`;
const grant =
  (name: string, action: string, keys?: string) =>
  (statements: Record<string, unknown>[]): void =>
    void statements.push({
      ...{ Effect: "Allow", Action: [action], Resource: [table(name)] },
      ...(keys && {
        Condition: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
          Null: { "dynamodb:LeadingKeys": "false" },
        },
      }),
    });

test.each([
  [
    "tables/signing-keys",
    "an API that reads the whole auth table",
    planted(/^ApiRole/, grant("AuthStore", "dynamodb:Query")),
  ],
  [
    "tables/signing-keys",
    "pages that read private keys",
    planted(/^WebServer/, grant("AuthStore", "dynamodb:GetItem", "signing:*")),
  ],
  [
    "tables/signing-keys",
    "a socket that takes codes",
    planted(/^SocketAuthorize/, grant("AuthStore", "dynamodb:DeleteItem", "oauth:*")),
  ],
  [
    "tables/signing-keys",
    "an API that publishes keys",
    planted(/^ApiRole/, grant("AuthStore", "dynamodb:PutItem", "verify:key")),
  ],
  [
    "tables/signing-keys",
    "a condition that a request without keys meets",
    planted(/^ApiRole/, (statements) => {
      for (const { Condition } of statements) delete (Condition as Record<string, unknown> | undefined)?.Null;
    }),
  ],
  [
    "tables/directory-writes",
    "sign-in that writes every item",
    planted(/^AuthRole/, grant("Directory", "dynamodb:PutItem")),
  ],
  ["tables/directory-writes", "keys of any kind", planted(/^ApiRole/, grant("Directory", "dynamodb:UpdateItem", "*"))],
  [
    "tables/directory-writes",
    "pages that lead hosts to schools",
    planted(/^WebServer/, grant("Directory", "dynamodb:PutItem", "$directory#*")),
  ],
  [
    "tables/no-listing",
    "a health check that lists schools' files",
    planted(/^ApiRole/, (statements) => {
      for (const each of statements) if ([each.Action].flat().includes("s3:ListBucket")) delete each.Condition;
    }),
  ],
])("%s finds %s", (rule, _, plant) => expectRule(rule, graph, plant));

test("what a local stage evaluates for a door is what its function gets", () => {
  const arns = { auth: ":table/auth", directory: ":table/directory" };
  for (const door of ["Api", "Web", "Auth", "SocketAuthorize"] as const) {
    const role = ofType(graph, "aws:iam/role:Role").find(({ name }) =>
      name.startsWith(door === "Web" ? "WebServer" : `${door}Role`),
    );
    const inline = [(role && at(role, "inlinePolicies")) ?? []].flat().map((each) => Object(each).policy);
    const granted = inline.flatMap(statementsOf).flatMap(({ actions, conditions }) => {
      const keys = [conditions["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"] ?? []].flat().map(String);
      return actions.flatMap((action) => keys.map((key) => `${action} ${key}`));
    });
    for (const { actions, keys } of doorUses[door].flatMap((use) => [...itemRights[use]]))
      for (const action of actions)
        for (const key of keys) expect(granted, door).toContain(`dynamodb:${action} ${key}`);
    expect(doorPolicy(door, arns).Statement.length).toBeGreaterThan(2);
  }
});
