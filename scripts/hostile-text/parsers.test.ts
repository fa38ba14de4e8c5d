import { Storage } from "@lectern/core/kernel/storage";
import { expect, test } from "vitest";
import { safePath } from "../../packages/core/src/content/archive/names.ts";
import { sanitise } from "../../packages/core/src/content/html/index.ts";
import { render, splitFrontMatter, withoutTitle } from "../../packages/core/src/content/markdown/index.ts";
import { rewriteLinks } from "../../packages/core/src/content/markdown/rewrite.ts";
import { rewriteHtml } from "../../packages/core/src/content/package/html-links.ts";
import { withoutCanvasMarks } from "../../packages/core/src/content/package/imscc/canvas.ts";
import { pathOfUrl, resolvePath } from "../../packages/core/src/content/package/paths.ts";
import { excerpt, sentences, toText } from "../../packages/core/src/content/text.ts";
import { parseXml, refuseDoctype } from "../../packages/core/src/content/xml.ts";
import { documentOf, wordsOf } from "../../packages/core/src/learn/course/search.ts";
import { slugOf } from "../../packages/core/src/learn/course/slug.ts";
import { deviceOf } from "../../packages/core/src/people/identity/device.ts";
import { Password } from "../../packages/core/src/people/identity/password.ts";
import { Locale } from "../../packages/core/src/util/locale.ts";
import { endpoints } from "../../packages/functions/src/api/endpoints.ts";
import { parseBody } from "../../packages/functions/src/api/input.ts";
import { checkName } from "../../packages/tenants/src/domain/name.ts";
import { checkSlug, suggestSlug } from "../../packages/tenants/src/school/slug.ts";
import { parseForm } from "../../packages/web/app/server/form.server.ts";
import { cookieOf, localPath } from "../../packages/web/app/server/request.server.ts";
import { superlinear } from "./growth.ts";

/** Pieces that a parser may scan repeatedly: unclosed openings, punctuation, whitespace, letters, digits. */
const pieces: Readonly<Record<string, readonly string[]>> = {
  any: [" ", "a", "-", ".", "/", "..", "%", "@", "a@", ".a", ":", "\t\n", "é", "e\u0301", "\u0000", '"', "\\", "ß"],
  markdown: [
    "[",
    "![",
    "](",
    "[a](",
    "`",
    "**a *",
    "> ",
    "- ",
    "|",
    "&lt",
    "<a",
    '<a "',
    "<a '",
    "<!--",
    "<!-- -->",
    "<img src=",
    "[a]: b\n",
    "```\n",
    "# a\n",
    "a\n===\n",
    "https://a.b ",
    "$$",
    "~~",
    "\\",
    "_a_ ",
    "> [!NOTE]\n\n",
  ],
  html: [
    "<",
    "<p",
    "<p>",
    "<b>",
    "<div>",
    "<a href=",
    "<!--",
    "<![CDATA[",
    "&",
    "&#",
    "</p>",
    "<ul><li>",
    "<p a=b ",
    "<table>",
  ],
  xml: ["<a>", "<a", "<a b='c' ", "<!--", "<?xml", "<? ?>", "<!-- -->", "&amp;", "<![CDATA[", "]]>"],
  yaml: ["a: b\n", "- ", "{", "[", "&a ", "*a ", "? ", "a:\n ", "'", '"', "|\n", "k: [", "!!a "],
};

interface Reader {
  readonly name: string;
  readonly read: (text: string) => unknown;
  readonly of: readonly string[];
  /** Wraps the hostile text, so that it reaches the intended part of the parser. */
  readonly around?: (text: string) => string;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const answerOf = (work: () => unknown) => () => void Promise.resolve(work()).catch(() => {});
const form = (text: string): FormData => {
  const data = new FormData();
  for (let at = 0; at < text.length; at += 4) data.append(`${text.slice(at, at + 3)}${at}`, "x");
  return data;
};
const request = (headers: Record<string, string>) => new Request("http://harbor.lectern.example/", { headers });

/** Everything that reads uploaded or typed text with more than one regular expression. */
const readers: readonly Reader[] = [
  { name: "Markdown", read: (text) => render(text), of: ["any", "markdown", "html"] },
  { name: "title of a page", read: withoutTitle, of: ["any", "markdown"] },
  {
    name: "addresses in Markdown",
    read: (text) => rewriteLinks(text, (url) => `asset:${url}`),
    of: ["any", "markdown"],
  },
  { name: "front matter", read: splitFrontMatter, of: ["any", "yaml"], around: (text) => `---\n${text}\n---\nText` },
  {
    name: "TOML front matter",
    read: splitFrontMatter,
    of: ["any", "yaml"],
    around: (text) => `+++\n${text}\n+++\nText`,
  },
  { name: "HTML", read: (text) => sanitise(text), of: ["any", "html"] },
  {
    name: "addresses in HTML",
    read: (text) =>
      rewriteHtml(
        text,
        () => undefined,
        () => {},
      ),
    of: ["html"],
  },
  { name: "Canvas pages", read: withoutCanvasMarks, of: ["any", "html"] },
  { name: "text of HTML", read: (text) => [toText(text), excerpt(text), sentences(text, 100)], of: ["any", "html"] },
  { name: "XML", read: (text) => parseXml(text, "x.xml"), of: ["any", "xml"], around: (text) => `<x>${text}</x>` },
  { name: "XML before its root", read: (text) => refuseDoctype(Buffer.from(text), "x.xml"), of: ["any", "xml"] },
  { name: "names in archives", read: safePath, of: ["any"] },
  { name: "paths of packages", read: (text) => [pathOfUrl(text), resolvePath("a/b", text)], of: ["any"] },
  {
    name: "type of a file",
    read: (text) => answerOf(() => Storage.typeOf(bytes(text), "a.png"))(),
    of: ["any", "html", "xml"],
  },
  {
    name: "file names",
    read: (text) => [Storage.safeFileName(text), answerOf(() => Storage.typeOf(bytes("x"), text))()],
    of: ["any"],
  },
  {
    name: "search",
    read: (text) => [
      wordsOf(text),
      documentOf({ title: text, summary: text, descriptionHtml: text, lessonTitles: [] }),
    ],
    of: ["any", "html"],
  },
  { name: "course slugs", read: (text) => slugOf(text), of: ["any"] },
  { name: "school slugs", read: (text) => [checkSlug(text), suggestSlug(text)], of: ["any"] },
  { name: "domain names", read: checkName, of: ["any"] },
  { name: "devices", read: deviceOf, of: ["any"], around: (text) => `Version/${text}` },
  { name: "passwords", read: (text) => Password.refusalOf(text, [text]), of: ["any"] },
  {
    name: "JSON",
    read: (text) => parseBody(Locale, text),
    of: ["any", "yaml"],
    around: (text) => `{"a":"${text}`,
  },
  { name: "forms", read: (text) => parseForm(Locale, form(text)), of: ["any"] },
  { name: "return addresses", read: (text) => localPath(text), of: ["any"], around: (text) => `/${text}` },
  {
    name: "cookies",
    read: (text) => cookieOf(request({ cookie: text.replaceAll(/[^\x20-\x7e]/g, "=") }), "session"),
    of: ["any"],
  },
];

test.each(readers)(
  "$name: time in proportion to the text",
  { timeout: 120_000 },
  ({ read, of, around = (text) => text }) => {
    for (const piece of of.flatMap((kind) => pieces[kind] ?? [])) {
      const make = (length: number): string => around(piece.repeat(Math.ceil(length / piece.length)));
      expect([piece, superlinear(read, make)]).toEqual([piece, undefined]);
    }
  },
);

test("every field of every call of the API reads its text in proportion to it", { timeout: 120_000 }, () => {
  let fields = 0;
  for (const { name, body, query } of endpoints)
    for (const schema of [body, query]) {
      if (!schema || !("shape" in schema)) continue;
      for (const field of Object.keys(schema.shape as object)) {
        fields += 1;
        for (const piece of ["a", " ", "a@", "-a.", "é"]) {
          const make = (length: number): string => piece.repeat(Math.ceil(length / piece.length));
          const slow = superlinear(
            (text) => [schema.safeParse({ [field]: text }), schema.safeParse({ [field]: [text] })],
            make,
          );
          expect([name, field, piece, slow]).toEqual([name, field, piece, undefined]);
        }
      }
    }
  expect(fields).toBeGreaterThan(100);
});
