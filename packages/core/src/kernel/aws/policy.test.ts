import { describe, expect, test } from "vitest";
import { compile, type Wish } from "./policy.ts";
import { type Conditions, type PolicyDocument, schoolPolicy, schoolTrust } from "./wall.ts";

const document = (...statements: Partial<PolicyDocument["Statement"][number]>[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements.map((each) => ({ Sid: "S", Effect: "Allow", Action: ["a:*"], Resource: ["*"], ...each })),
});
const asks = (wish: Partial<Wish>): Wish => ({ action: "a:Do", resource: "r", context: {}, ...wish });
const under = (Condition: Conditions, variables = {}) => compile(document({ Condition }), variables);

describe("what a document means", () => {
  test("nothing is allowed unless a statement says so, and a denial wins", () => {
    expect(compile(document(), {})(asks({}))).toBe(false);
    expect(compile(document({}), {})(asks({}))).toBe(true);
    expect(compile(document({}, { Effect: "Deny", Action: ["a:Do"] }), {})(asks({}))).toBe(false);
    expect(compile(document({}, { Effect: "Deny", Action: ["a:Other"] }), {})(asks({}))).toBe(true);
  });

  test.each([
    ["a", "a", true],
    ["a", "ab", false],
    ["a*", "a", true],
    ["a*", "abc", true],
    ["a*c", "abbc", true],
    ["a*c", "abcd", false],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["*", "x\ny", true],
    ["a.c", "abc", false],
    ["a[b]*", "a[b]!", true],
  ])("resource %s against %s: %s", (pattern, resource, expected) => {
    expect(compile(document({ Resource: [pattern] }), {})(asks({ resource }))).toBe(expected);
  });

  test("actions know no case; resources do", () => {
    const judge = compile(document({ Action: ["A:do*"], Resource: ["R"] }), {});
    expect(judge(asks({ action: "a:DoIt", resource: "R" }))).toBe(true);
    expect(judge(asks({ action: "a:DoIt", resource: "r" }))).toBe(false);
  });

  test("a variable's value is a text, not a pattern, and one that is not set matches nothing", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of IAM.
    const policy = document({ Resource: ["x/${aws:PrincipalTag/school}/*"] });
    expect(compile(policy, { "aws:PrincipalTag/school": "*" })(asks({ resource: "x/other/1" }))).toBe(false);
    expect(compile(policy, { "aws:PrincipalTag/school": "*" })(asks({ resource: "x/*/1" }))).toBe(true);
    expect(compile(policy, {})(asks({ resource: "x//1" }))).toBe(false);
    expect(compile(policy, {})(asks({ resource: "x/undefined/1" }))).toBe(false);
  });

  test("for all values: each must match, and none at all is let through unless Null says otherwise", () => {
    const judge = under({ "ForAllValues:StringLike": { k: ["a*", "b"] } });
    expect(judge(asks({ context: { k: ["a1", "b"] } }))).toBe(true);
    expect(judge(asks({ context: { k: ["a1", "c"] } }))).toBe(false);
    expect(judge(asks({}))).toBe(true);
    const strict = under({ "ForAllValues:StringLike": { k: ["a*"] }, Null: { k: "false" } });
    expect(strict(asks({}))).toBe(false);
    expect(strict(asks({ context: { k: ["a1"] } }))).toBe(true);
  });

  test("a single value must be there", () => {
    expect(under({ StringLike: { k: "a*" } })(asks({}))).toBe(false);
    expect(under({ StringEquals: { k: "a*" } })(asks({ context: { k: "ab" } }))).toBe(false);
    expect(under({ StringLike: { k: "a*" } })(asks({ context: { k: "ab" } }))).toBe(true);
  });

  test("an operator that is not known is an error, not a yes", () => {
    expect(() => under({ StringNotLike: { k: "a" } })).toThrow(/StringNotLike/);
  });
});

describe("the documents", () => {
  const policy = schoolPolicy({
    tableArns: ["arn:aws:dynamodb:eu-west-1:123456789012:table/data"],
    bucketArns: ["arn:aws:s3:::media", "arn:aws:s3:::packages"],
    keyArns: ["arn:aws:kms:eu-west-1:123456789012:key/1"],
  });

  test("fit an inline policy, and name no action or resource by a star alone", () => {
    expect(JSON.stringify(policy).length).toBeLessThan(6144);
    for (const { Action, Resource } of policy.Statement)
      for (const text of [...Action, ...Resource]) expect(text).not.toMatch(/^\*$|:\*$/);
  });

  test("let the keys be used through the stores only", () => {
    const judge = compile(policy, { "aws:PrincipalTag/school": "sch_a" });
    const decrypt = { action: "kms:Decrypt", resource: "arn:aws:kms:eu-west-1:123456789012:key/1" };
    expect(judge(asks({ ...decrypt, context: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } }))).toBe(true);
    expect(judge(asks({ ...decrypt, context: { "kms:ViaService": "lambda.eu-west-1.amazonaws.com" } }))).toBe(false);
    expect(judge(asks(decrypt))).toBe(false);
  });

  test("trust a role that brings one school's id as its only tag", () => {
    const [statement] = schoolTrust({ principals: ["arn:aws:iam::123456789012:role/api"] }).Statement;
    const judge = compile(document({ Action: statement.Action, Condition: statement.Condition }), {});
    const assume = (tags: Record<string, string>) =>
      judge(
        asks({
          action: "sts:AssumeRole",
          context: {
            "aws:TagKeys": Object.keys(tags),
            ...Object.fromEntries(Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value])),
          },
        }),
      );
    expect(assume({ school: "sch_01m7z2cs4hfhn9tkv4wb3957te" })).toBe(true);
    expect(assume({})).toBe(false);
    expect(assume({ school: "*" })).toBe(false);
    expect(assume({ school: "sch_01m7z2cs4hfhn9tkv4wb3957te", admin: "yes" })).toBe(false);
    expect(statement.Principal.AWS).toEqual(["arn:aws:iam::123456789012:role/api"]);
  });
});
