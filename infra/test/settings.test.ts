import { expect, test } from "vitest";
import { rules } from "../rules/index.ts";
import { expectRule, graphOf, stages } from "./graphs.ts";

const graph = graphOf("production");
const parameter = "aws:ssm/parameter:Parameter";

test.each(stages)("%s has a parameter for each setting of the code, and no other", (stage) =>
  expect([
    ...(rules.find(({ name }) => name === "settings-have-parameters")?.check(graphOf(stage)) ?? [stage]),
  ]).toEqual([]),
);

test("the rule finds a setting without a parameter", () =>
  expectRule("settings-have-parameters", graph, ({ remove }) => remove(parameter, /^SettingMail/)));

test("the rule finds a parameter that no code reads", () =>
  expectRule("settings-have-parameters", graph, ({ add }) =>
    add(parameter, "SettingMailColour", { name: "/lectern/production/settings/mail/colour", value: "red" }),
  ));

test("the rule finds a parameter whose first value differs from the code's default", () =>
  expectRule("settings-have-parameters", graph, ({ find }) => {
    find(parameter, /^SettingMail/).inputs.value = "";
  }));
