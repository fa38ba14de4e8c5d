import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { asked, askedNames, handedOn, legalAsked, legalMissing, requireAsked } from "../asked.ts";
import { at, ofType } from "../rules/rule.ts";
import { root } from "../synth/paths.ts";
import { graphOf } from "./graphs.ts";

// Every setting of an operator must reach the next deployment, whether the pipeline or GitHub runs it.

const read = (file: string) => readFileSync(path.join(root, file), "utf8");
beforeEach(() => tell(Object.fromEntries(askedNames.map((name) => [name, ""]))));
afterEach(() => void vi.unstubAllEnvs());

const tell = (values: Readonly<Record<string, string>>) => {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
};
const said = {
  LECTERN_DOMAIN: "lectern.test",
  LECTERN_CONTENT_DOMAIN: "lectern-content.test",
  LECTERN_ALERTS: "ops@lectern.test",
  LECTERN_FLAGS: "shield",
  LECTERN_SMS_USD: "20",
};

test("each is explained where deploying is, and given by GitHub's variables", () => {
  const rows =
    read("docs/deploy.md")
      .match(/^\| `LECTERN_.*$/gm)
      ?.join("\n") ?? "";
  const workflow = read(".github/workflows/deploy-stage.yml");
  // The table abbreviates common prefixes. The staging role exists only in the pipeline; GitHub uses one account.
  const short = (name: string) => name.replace(/^LECTERN_ALERTS(_(PERFORMANCE|CRITICAL))$/, "$1");
  expect(askedNames.filter((name) => !rows.includes(`\`${short(name)}\``))).toEqual([]);
  const ofThePipeline = ["LECTERN_STAGING_ROLE", "LECTERN_TOOLS_ACCOUNT"];
  expect(askedNames.filter((name) => !new RegExp(`^ +${name}: `, "m").test(workflow))).toEqual(ofThePipeline);
});

test("no other file of infra/ reads them past the list", () => {
  const reading = new RegExp(`process\\.env\\.(${askedNames.join("|")})\\b`);
  const files = readdirSync(path.join(root, "infra"), { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !/^test\/|^asked\.ts$/.test(file),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.filter((file) => reading.test(read(`infra/${file}`)))).toEqual([]);
});

describe("production's pipeline", () => {
  test("hands exactly this deployment's settings to production's next one", () => {
    tell({ ...said, LECTERN_ZONE: "" });
    expect(handedOn("production", "111111111111")).toEqual(said);
  });

  test("tells staging its domain and who is alerted, and not production's flags", () => {
    tell(said);
    const { LECTERN_FLAGS: _, ...rest } = said;
    expect(handedOn("staging", "111111111111")).toEqual(rest);
  });

  test("sends a staging of an account of its own into its own zones, as its own role", () => {
    const LECTERN_STAGING_ROLE = "arn:aws:iam::222222222222:role/lectern-staging-deploy";
    tell({ ...said, LECTERN_STAGING_ROLE });
    expect(handedOn("staging", "111111111111")).toMatchObject({
      LECTERN_DEPLOY_ROLE: LECTERN_STAGING_ROLE,
      LECTERN_TOOLS_ACCOUNT: "111111111111",
      LECTERN_ZONE: "staging.lectern.test",
      LECTERN_CONTENT_ZONE: "staging.lectern-content.test",
    });
  });

  test("has it in its projects", () => {
    const production = graphOf("production");
    const variables = Object.fromEntries(
      ofType(production, "aws:codebuild/project:Project").map((project) => [
        project.name.replace("Project", ""),
        Object.fromEntries(
          (at(project, "environment", "environmentVariables") as { name: string; value: string }[]).map(
            ({ name, value }) => [name, value],
          ),
        ),
      ]),
    );
    const domains = { LECTERN_DOMAIN: expect.any(String), LECTERN_CONTENT_DOMAIN: expect.any(String) };
    expect(variables).toEqual({
      Build: {},
      Test: {},
      Staging: { STAGE: "staging", ...domains },
      Load: domains,
      Production: { STAGE: "production", ...domains },
    });
  });

  test("may fetch the source in its builds, and tell who is to approve", () => {
    const policies = ofType(graphOf("production"), "aws:iam/rolePolicy:RolePolicy");
    const policyOf = (name: string) =>
      policies.filter((each) => each.name === name).map((each) => at(each, "policy"))[0];
    expect(policyOf("BuildPolicy")).toContain("codestar-connections:UseConnection");
    expect(policyOf("PipelinePolicy")).toContain("key/KeyMessaging");
  });
});

test("a variable that is there and empty was not said", () => {
  tell({ LECTERN_SMS_USD: "" });
  expect(asked("LECTERN_SMS_USD")).toBeUndefined();
});

test("nothing is deployed with the domains of an example", () => {
  tell({ LECTERN_DOMAIN: "", LECTERN_CONTENT_DOMAIN: "" });
  expect(requireAsked).toThrow(/LECTERN_DOMAIN and LECTERN_CONTENT_DOMAIN must be set/);
  tell(said);
  expect(requireAsked).not.toThrow();
});

describe("who runs the deployment", () => {
  const pages = ["LECTERN_PRIVACY", "LECTERN_TERMS", "LECTERN_IMPRINT", "LECTERN_CONTACT"];

  test("is not invented: what is not named is not linked, and deploying says so", () => {
    expect(legalAsked()).toEqual({});
    expect(legalMissing().map((line) => line.split(" ")[0])).toEqual(pages);
  });

  test("names pages by https, and a contact by e-mail too", () => {
    tell({ LECTERN_PRIVACY: "https://example.test/privacy", LECTERN_CONTACT: "help@example.test" });
    expect(legalAsked()).toEqual({ privacy: "https://example.test/privacy", contact: "mailto:help@example.test" });
    expect(legalMissing()).toHaveLength(2);
    expect(handedOn("staging", "111111111111")).toMatchObject({ LECTERN_CONTACT: "help@example.test" });
    tell({ LECTERN_TERMS: "javascript:alert(1)" });
    expect(legalAsked).toThrow(/LECTERN_TERMS must be an https address/);
  });
});
