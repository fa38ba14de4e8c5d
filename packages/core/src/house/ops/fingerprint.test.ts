import { expect, test } from "vitest";
import { group, normalise } from "./fingerprint.ts";

const stack = (line: number, name = "enroll", file = "packages/core/src/learn/enrollment/index.ts") =>
  [
    "TypeError: x",
    "    at Array.map (<anonymous>)",
    "    at node:internal/process/task_queues:105:5",
    "    at query (/srv/lectern/node_modules/postgres/src/connection.js:5:1)",
    `    at async ${name} (file:///srv/lectern/${file}:${line}:9)`,
    "    at run (/srv/lectern/packages/core/src/kernel/fn/index.ts:9:9)",
  ].join("\n");

const of = (message: string, at = stack(10), type = "TypeError") => group({ type, message, stack: at }).fingerprint;

test("what differs between two errors of one kind does not part them", () => {
  const one = of(
    'row usr_01jd3w6q5re9wsjg0pv3r6y2mq of ada@example.test took 31 ms at 10.0.3.7:5432: "My essay begins"',
  );
  expect(
    of('row usr_01jd3w6q5re9wsjg0pv3r6y2mr of leo@example.test took 7 ms at 10.0.9.1:5432: "Another one here"'),
  ).toBe(one);
  expect(of("a", stack(10))).toBe(of("a", stack(999)));
});

test("class, message and own code part them", () => {
  const one = of("cannot read");
  expect(of("cannot write")).not.toBe(one);
  expect(of("cannot read", stack(10), "RangeError")).not.toBe(one);
  expect(of("cannot read", stack(10, "withdraw"))).not.toBe(one);
  expect(of("cannot read", stack(10, "enroll", "packages/core/src/learn/course/index.ts"))).not.toBe(one);
  expect(of("Cannot read properties of undefined (reading 'title')")).not.toBe(
    of("Cannot read properties of undefined (reading 'slug')"),
  );
});

test("the frame is the topmost line of our own code, in a bundle as well", () => {
  expect(group({ type: "E", message: "", stack: stack(1) }).frame).toBe(
    "enroll packages/core/src/learn/enrollment/index.ts",
  );
  const bundled = "Error: x\n    at node:fs:1:1\n    at enroll (file:///var/task/index.mjs:1:99)";
  expect(group({ type: "E", message: "", stack: bundled }).frame).toBe("enroll index.mjs");
  expect(group({ type: "E", message: "", stack: "" }).frame).toBe("");
});

test("nothing of a person stays in a message", () => {
  const said = normalise(
    `ada@example.test at https://a.test/x?t=1 wrote "I feel 17 things" in crs_01jd3w6q5re9wsjg0pv3r6y2mq ` +
      "(0190163d-8694-739b-aea5-966c26f8ad91) with deadbeef01 from 192.0.2.7\nand more",
  );
  expect(said).toBe("<email> at <url> wrote <text> in <id> (<uuid>) with <hex> from <address>");
  expect(normalise("x".repeat(10_000)).length).toBe(300);
});
