import { describe, expect, test } from "vitest";
import { compilePattern, InvalidPattern } from "./pattern.ts";

const event = {
  version: "0",
  source: "lectern.enrollment",
  "detail-type": "enrollment.created",
  resources: ["arn:aws:a", "arn:aws:b"],
  detail: {
    id: "evt_1",
    state: "Running",
    empty: "",
    nothing: null,
    yes: true,
    count: 42,
    ratio: 3.0e2,
    price: -0.5,
    ip: "10.0.0.7",
    ip6: "2001:db8::1",
    path: "courses/algebra/lesson-1.md",
    star: "a*b\\c",
    tags: ["blue", "Green"],
    none: [],
    nested: { deep: { value: "x" } },
    people: [
      { role: "learner", age: 12 },
      { role: "instructor", age: 40 },
    ],
    matrix: [[1, 2], [3]],
  },
};

const matches = (pattern: unknown, of: unknown = event) => compilePattern(JSON.stringify(pattern))(of);
const detail = (pattern: unknown) => matches({ detail: pattern });

describe("a pattern matches", () => {
  test.each<[string, unknown, boolean]>([
    ["exact text", { state: ["Running"] }, true],
    ["case matters", { state: ["running"] }, false],
    ["one of several", { state: ["stopped", "Running"] }, true],
    ["all fields named", { state: ["Running"], id: ["evt_2"] }, false],
    ["a missing field never", { missing: ["x"] }, false],
    ["empty text", { empty: [""] }, true],
    ["empty text is not null", { empty: [null] }, false],
    ["null", { nothing: [null] }, true],
    ["null is not absence", { missing: [null] }, false],
    ["a boolean", { yes: [true] }, true],
    ["true is not its text", { yes: ["true"] }, false],
    ["a number", { count: [42] }, true],
    ["a number is not its text", { count: ["42"] }, false],
    ["a number however written", { ratio: [300] }, true],
    ["nested fields", { nested: { deep: { value: ["x"] } } }, true],
    ["nested fields below a scalar never", { state: { deep: ["x"] } }, false],
    ["any element of a list", { tags: ["blue"] }, true],
    ["lists in lists", { matrix: [3] }, true],
    ["inherited names are no fields", { toString: [{ exists: true }] }, false],
    ["prefix", { path: [{ prefix: "courses/" }] }, true],
    ["prefix of another case", { path: [{ prefix: "Courses/" }] }, false],
    ["prefix without case", { path: [{ prefix: { "equals-ignore-case": "COURSES/" } }] }, true],
    ["prefix on a number never", { count: [{ prefix: "4" }] }, false],
    ["suffix", { path: [{ suffix: ".md" }] }, true],
    ["suffix without case", { path: [{ suffix: { "equals-ignore-case": ".MD" } }] }, true],
    ["suffix that differs", { path: [{ suffix: ".html" }] }, false],
    ["equals-ignore-case", { state: [{ "equals-ignore-case": "rUNNING" }] }, true],
    ["equals-ignore-case in a list", { tags: [{ "equals-ignore-case": "green" }] }, true],
    ["equals-ignore-case is not a prefix", { state: [{ "equals-ignore-case": "run" }] }, false],
    ["wildcard in the middle", { path: [{ wildcard: "courses/*/lesson-*.md" }] }, true],
    ["wildcard at both ends", { path: [{ wildcard: "*algebra*" }] }, true],
    ["wildcard for nothing", { state: [{ wildcard: "Running*" }] }, true],
    ["wildcard that differs", { path: [{ wildcard: "courses/*.html" }] }, false],
    ["wildcard parts do not overlap", { state: [{ wildcard: "Runn*nning" }] }, false],
    ["an escaped star", { star: [{ wildcard: "a\\*b\\\\*" }] }, true],
    ["an escaped star is literal", { path: [{ wildcard: "courses/\\*" }] }, false],
    ["anything-but text", { state: [{ "anything-but": "stopped" }] }, true],
    ["anything-but the very text", { state: [{ "anything-but": "Running" }] }, false],
    ["anything-but a list", { state: [{ "anything-but": ["stopped", "Running"] }] }, false],
    ["anything-but numbers", { count: [{ "anything-but": [1, 2] }] }, true],
    ["anything-but needs the field", { missing: [{ "anything-but": "x" }] }, false],
    ["anything-but prefix", { state: [{ "anything-but": { prefix: "Run" } }] }, false],
    ["anything-but prefixes", { state: [{ "anything-but": { prefix: ["a", "b"] } }] }, true],
    ["anything-but suffix", { path: [{ "anything-but": { suffix: ".html" } }] }, true],
    ["anything-but suffixes", { path: [{ "anything-but": { suffix: [".html", ".md"] } }] }, false],
    ["anything-but equals-ignore-case", { state: [{ "anything-but": { "equals-ignore-case": "RUNNING" } }] }, false],
    ["anything-but a list without case", { state: [{ "anything-but": { "equals-ignore-case": ["a", "b"] } }] }, true],
    ["anything-but wildcard", { path: [{ "anything-but": { wildcard: "*.md" } }] }, false],
    ["anything-but on a list: one other element suffices", { tags: [{ "anything-but": "blue" }] }, true],
    ["numeric equal", { count: [{ numeric: ["=", 42] }] }, true],
    ["numeric below", { price: [{ numeric: ["<", 0] }] }, true],
    ["numeric range", { count: [{ numeric: [">", 0, "<=", 42] }] }, true],
    ["numeric range, open end", { count: [{ numeric: [">=", 0, "<", 42] }] }, false],
    ["numeric on text never", { ip: [{ numeric: [">", 0] }] }, false],
    ["exists", { id: [{ exists: true }] }, true],
    ["exists for null", { nothing: [{ exists: true }] }, true],
    ["exists not for a missing field", { missing: [{ exists: true }] }, false],
    ["absent", { missing: [{ exists: false }] }, true],
    ["absent below what is missing", { missing: { deeper: [{ exists: false }] } }, true],
    ["absent not for a present field", { id: [{ exists: false }] }, false],
    ["an empty list has no value", { none: [{ exists: false }] }, true],
    ["absent or a value", { state: [{ exists: false }, "Running"] }, true],
    ["cidr", { ip: [{ cidr: "10.0.0.0/24" }] }, true],
    ["cidr elsewhere", { ip: [{ cidr: "10.0.1.0/24" }] }, false],
    ["cidr v6", { ip6: [{ cidr: "2001:db8::/32" }] }, true],
    ["cidr on other text never", { state: [{ cidr: "0.0.0.0/0" }] }, false],
    ["$or", { $or: [{ state: ["x"] }, { count: [42] }] }, true],
    ["$or with none", { $or: [{ state: ["x"] }, { count: [1] }] }, false],
    ["$or and a sibling", { id: ["evt_2"], $or: [{ state: ["Running"] }, { count: [42] }] }, false],
    ["$or in $or", { $or: [{ $or: [{ state: ["x"] }, { yes: [true] }] }, { count: [1] }] }, true],
    ["one object of a list", { people: { role: ["learner"], age: [12] } }, true],
    ["not pieces of several objects", { people: { role: ["learner"], age: [40] } }, false],
  ])("%s", (_name, pattern, expected) => {
    expect(detail(pattern)).toBe(expected);
  });

  test("fields of the envelope", () => {
    expect(matches({ source: [{ prefix: "lectern." }], "detail-type": ["enrollment.created", "x"] })).toBe(true);
    expect(matches({ resources: ["arn:aws:b"] })).toBe(true);
    expect(matches({ $or: [{ source: ["x"] }, { "detail-type": [{ prefix: "enrollment." }] }] })).toBe(true);
  });

  test("in time that grows with the text, however many stars", () => {
    const nasty = compilePattern(JSON.stringify({ x: [{ wildcard: `${"a*".repeat(60)}b` }] }));
    // Processor time: backtracking would exceed this limit by far even on a fast machine.
    const from = process.cpuUsage();
    expect(nasty({ x: "a".repeat(50_000) })).toBe(false);
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1000).toBeLessThan(3_000);
  });
});

describe("a pattern is refused", () => {
  test.each<[string, string]>([
    ["that is not JSON", "{"],
    ["that is a list", "[]"],
    ["that is empty", "{}"],
    ["with an empty object", '{"detail":{}}'],
    ["with a bare value", '{"source":"a"}'],
    ["with an empty list", '{"source":[]}'],
    ["with a list in a list", '{"source":[["a"]]}'],
    ["with an unknown word", '{"source":[{"like":"a"}]}'],
    ["with two words at once", '{"source":[{"prefix":"a","suffix":"b"}]}'],
    ["with a word and nothing", '{"source":[{}]}'],
    ["with a number as prefix", '{"source":[{"prefix":1}]}'],
    ["with an empty prefix", '{"source":[{"prefix":""}]}'],
    ["with an empty suffix", '{"source":[{"suffix":""}]}'],
    ["with exists that is no boolean", '{"source":[{"exists":"yes"}]}'],
    ["with an unknown word in anything-but", '{"source":[{"anything-but":{"like":"a"}}]}'],
    ["with mixed types in anything-but", '{"source":[{"anything-but":["a",1]}]}'],
    ["with null in anything-but", '{"source":[{"anything-but":[null]}]}'],
    ["with an empty anything-but", '{"source":[{"anything-but":[]}]}'],
    ["with a numeric that is no list", '{"source":[{"numeric":5}]}'],
    ["with an empty numeric", '{"source":[{"numeric":[]}]}'],
    ["with a numeric without number", '{"source":[{"numeric":[">"]}]}'],
    ["with an unknown operator", '{"source":[{"numeric":["!=",1]}]}'],
    ["with text as bound", '{"source":[{"numeric":[">","1"]}]}'],
    ["with an upside-down range", '{"source":[{"numeric":[">",5,"<",1]}]}'],
    ["with two lower bounds", '{"source":[{"numeric":[">",1,">",2]}]}'],
    ["with a bound out of range", '{"source":[{"numeric":[">",6000000000]}]}'],
    ["with a bad address", '{"source":[{"cidr":"10.0.0.0/33"}]}'],
    ["with words as address", '{"source":[{"cidr":"here"}]}'],
    ["with two stars in a row", '{"source":[{"wildcard":"a**b"}]}'],
    ["with a bad escape", '{"source":[{"wildcard":"a\\\\b"}]}'],
    ["with $or that is no list", '{"$or":{"source":["a"]}}'],
    ["with an empty $or", '{"$or":[]}'],
    ["with $or of values", '{"$or":["a"]}'],
    ["that is too long", JSON.stringify({ source: ["x".repeat(5000)] })],
  ])("%s", (_name, text) => {
    expect(() => compilePattern(text)).toThrow(InvalidPattern);
  });
});
