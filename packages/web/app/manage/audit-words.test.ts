import { expect, test } from "vitest";
import { sentence } from "./audit-words.ts";

test("an action is written in words", () => {
  const actions = ["user.created", "email.change_requested", "key.created", "people.exported", "constructor.x", "odd"];
  expect(actions.map(sentence)).toEqual([
    ...[
      "Person created",
      "E-mail address change requested",
      "API key created",
      "People exported",
      "Constructor x",
      "Odd",
    ],
  ]);
});
