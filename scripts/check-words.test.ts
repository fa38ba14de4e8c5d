// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source code.
import { expect, test } from "vitest";
import { commentsOf, findRefused, findSpoken, paragraphsOf } from "./check-words.ts";

const inComments = (code: string) => findRefused("x.tsx", commentsOf("x.tsx", code)).length;
const inDocs = (text: string) => findRefused("x.md", paragraphsOf(text)).length;

test.each([
  ["a line comment", "// Whoever calls it waits."],
  ["a docstring", "/** The key is told to the edge.\n * It stands in the table. */"],
  ["a comment behind code", "const a = 1; // its time is over"],
  ["a comment in JSX", "<p>{/* It comes again. */}</p>"],
  ["a comment behind a template", "const a = `${b}//`; // It is away."],
  ["British spelling", "// The colour of a link."],
])("finds refused words in %s", (_, code) => expect(inComments(code)).toBeGreaterThan(0));

test.each([
  ["code", "const stands = 1; whoever(stands);"],
  ["a string", 'const a = "// whoever";'],
  ["a template", "const a = `// whoever ${b} // nobody`;"],
  ["a pattern", "const a = /[/]/ / 2; const b = /\\/\\/ whoever/;"],
  ["the text of an element", "<p>// whoever</p>"],
  ["a quotation", '// Refuses "whoever" and `nobody`.'],
])("ignores %s in source files", (_, code) => expect(inComments(code)).toBe(0));

test("finds refused words in docs, except in code and quotations", () => {
  expect(inDocs("The region is away.\n\nNobody knows.")).toBe(2);
  expect(inDocs('```sh\nwhoever\n```\nIt says "whoever", `stands` and ]("/stands").')).toBe(0);
});

test("finds refused words and British spelling in what people read", () => {
  expect(findSpoken("en.ts", 'say("Whoever opens it"); <p>Any colour works</p>; `It is told to them`')).toHaveLength(3);
  expect(findSpoken("en.ts", '// Whoever opens it\nconst stands = "x"; say("No one here yet");')).toEqual([]);
});
