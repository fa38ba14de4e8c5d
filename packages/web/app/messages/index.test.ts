import { expect, test } from "vitest";
import { translator } from "./index.ts";

const t = translator({ plain: "Save", named: "Hello {name}", counted: "{count|One thing needs|# things need} you" });

test("values are inserted and plurals chosen", () => {
  expect(t("plain")).toBe("Save");
  expect(t("named", { name: "Ada" })).toBe("Hello Ada");
  expect(t("counted", { count: 1 })).toBe("One thing needs you");
  expect(t("counted", { count: 12 })).toBe("12 things need you");
});

test("a placeholder inside a value is not replaced", () => {
  expect(t("named", { name: "{count|a|b}" })).toBe("Hello {count|a|b}");
});
