// Comments, docs and what people read use plain English and American spelling. Part of `npm run check`.
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";

const sources = "{*,{infra,scripts,bench,e2e,packages}/**/*}.{ts,tsx,mts,mjs,cjs}";
const docs = "{*,{docs,infra,scripts,bench,e2e,packages}/**/*}.md";
/** Strings of these folders reach people: pages, mails, answers of the API. */
const read = "packages/{web/app,core/src,tenants/src,functions/src/{auth,mail,api}}/**/*.{ts,tsx}";
/** Courses are quoted texts; lists and test worlds reach no person. */
const elsewhere = /node_modules|\/(?:build|fixtures|courses)\//;
const unread = /\.test\.|testing|\.list\.|common-passwords/;

/** Refused words, each with what to write instead. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/\bwho(?:m?ever)\b/i, "the actor, such as the caller or the operator"],
  [/\b(?:is|are|was|were) told\b/i, "receives, learns, is notified"],
  [/\btold of\b|\btells of\b/i, "reports, publishes, lists"],
  [/\blets? (?:it |them )?go\b/i, "releases, purges, deletes"],
  [/\bof (?:ours|theirs)\b/i, "our, their"],
  [/\blies in\b/i, "is in"],
  [/\bstands?\b(?! for\b|-)/i, "is, exists"],
  [/\b(?:is|are) over\b(?! [\d$])/i, "has ended, has expired"],
  [/\ba turn\b/i, "a run, a rotation"],
  [/\b(?:is|are) away\b/i, "is unavailable"],
  [/\bcomes? again\b/i, "is retried, is redelivered"],
  [/\bamounts? to\b/i, "is, becomes"],
  [/\bby (?:itself|themselves|ourselves)\b/i, "automatically, alone"],
  [/\bfor being\b/i, "because it is"],
  [/\bas far as\b/i, "only what, until"],
  [/\bnobody\b/i, "no one, no caller, none"],
];
const british =
  /\b(?:\w*colour\w*|favour\w*|behaviour\w*|centre[sd]?|grey|licence[sd]?|catalogue\w*|cancelled|cancelling|programmes?|organis\w+|recognis\w+|enrolments?|enrols?|judgement|learnt|whilst|towards|fulfil|skilful|travell\w+|defence|cheque|per cent)\b/i;

const words: typeof refused = [...refused, [british, "American spelling"]];

interface Passage {
  readonly line: number;
  readonly text: string;
}

/** Returns the comments of a TypeScript file; strings, templates and patterns may contain their signs. */
export function commentsOf(fileName: string, source: string): Passage[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, false, kindOf(fileName));
  const literals = new Map<number, number>();
  const visit = (node: ts.Node): void => {
    if (ts.isLiteralExpression(node) || ts.isTemplateMiddleOrTemplateTail(node) || ts.isTemplateHead(node))
      literals.set(node.getStart(file), node.end);
    else if (ts.isJsxText(node)) literals.set(node.pos, node.end);
    ts.forEachChild(node, visit);
  };
  visit(file);
  const found: Passage[] = [];
  for (let at = 0; at < source.length; at++) {
    const end = literals.get(at);
    if (end !== undefined && end > at) at = end - 1;
    else if (source.startsWith("//", at) || source.startsWith("/*", at)) {
      const isLine = source[at + 1] === "/";
      const close = source.indexOf(isLine ? "\n" : "*/", at + 2);
      const stop = close === -1 ? source.length : close;
      found.push({ line: file.getLineAndCharacterOfPosition(at).line + 1, text: source.slice(at + 2, stop) });
      at = stop;
    }
  }
  return found;
}

const kindOf = (name: string): ts.ScriptKind =>
  name.endsWith("x") ? ts.ScriptKind.TSX : /js$/.test(name) ? ts.ScriptKind.JS : ts.ScriptKind.TS;

/** Returns the paragraphs of a Markdown text without blocks of code. */
export function paragraphsOf(markdown: string): Passage[] {
  const plain = markdown.replaceAll(/^( *)```[\s\S]*?^\1```/gm, (block) => block.replaceAll(/[^\n]/g, ""));
  return plain.split("\n").map((text, index) => ({ line: index + 1, text }));
}

const literal = /"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\\n]|\\.)*)`|>([^<>{}=;]+)</g;

/** Returns a file's strings and element texts that contain a space. */
export function sentencesOf(source: string): Passage[] {
  const plain = source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return plain.split("\n").flatMap((text, index) =>
    [...text.matchAll(literal)]
      .map(([, double, template, element]) => double ?? template ?? element ?? "")
      .filter((each) => /\S\s+\S/.test(each))
      .map((each) => ({ line: index + 1, text: each })),
  );
}

/** Names and quotations may contain anything. */
const withoutQuotations = (text: string): string =>
  text.replaceAll(/`[^`]*`|"[^"]*"|“[^”]*”|\]\([^)]*\)|https?:\/\/\S+/g, "…");

/** Returns one line per refused word. */
export function findRefused(fileName: string, passages: readonly Passage[], isQuoted = true): string[] {
  return passages.flatMap(({ line, text }) =>
    words.flatMap(([pattern, instead]) => {
      const [word] = pattern.exec(isQuoted ? withoutQuotations(text) : text) ?? [];
      return word === undefined ? [] : [`${fileName}:${line}: "${word}" (instead: ${instead})`];
    }),
  );
}

/** Judges what pages, mails and the API say. */
export const findSpoken = (fileName: string, source: string): string[] =>
  findRefused(fileName, sentencesOf(source), false);

if (process.argv[1]?.endsWith("check-words.ts")) {
  const filesOf = (pattern: string) => globSync(pattern).filter((file) => !elsewhere.test(file));
  const text = (file: string) => readFileSync(file, "utf8");
  const findings = [
    ...filesOf(sources).flatMap((file) => findRefused(file, commentsOf(file, text(file)))),
    ...filesOf(docs).flatMap((file) => findRefused(file, paragraphsOf(text(file)))),
    ...filesOf(read)
      .filter((file) => !unread.test(file))
      .flatMap((file) => findSpoken(file, text(file))),
  ];
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
