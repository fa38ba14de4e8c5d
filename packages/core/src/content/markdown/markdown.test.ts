import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sanitise } from "../html/index.ts";
import { asBrowserReads, dangers } from "../testing/browser.ts";
import { countWords, excerpt, minutesFor, toText } from "../text.ts";
import { render, splitFrontMatter } from "./index.ts";
import { rewriteLinks } from "./rewrite.ts";

describe("Markdown as reading material", () => {
  test.each([
    [
      "headings begin at level 2, with the ids GitHub gives",
      "# A b\n\n## C's & d\n\n## C's & d",
      '<h2 id="c-a-b">A b</h2>\n<h3 id="c-cs--d">C\'s &amp; d</h3>\n<h3 id="c-cs--d-1">C\'s &amp; d</h3>',
    ],
    ["links inside the page", "[go](#c-d)\n\n## C d", '<p><a href="#c-c-d">go</a></p>\n<h2 id="c-c-d">C d</h2>'],
    [
      "code is coloured",
      "```js\nconst a = 1;\n```",
      expect.stringMatching(
        /^<pre tabindex="0"><code class="hljs language-js"><span class="hljs-keyword">const<\/span> a = <span class="hljs-number">1<\/span>;\n<\/code><\/pre>$/,
      ),
    ],
    ["a language on demand", "```powershell\nGet-Item x\n```", expect.stringContaining("hljs-built_in")],
    [
      "a language nobody knows",
      "```nonsense\n<b>&\n```",
      '<pre tabindex="0"><code class="hljs language-nonsense">&lt;b&gt;&amp;\n</code></pre>',
    ],
    [
      "a callout",
      "> [!WARNING]\n> Hot.",
      '<blockquote class="callout callout-warning"><p><strong>Warning</strong></p><p>Hot.</p></blockquote>',
    ],
    ["other quotes stay quotes", "> 💁 Hint", "<blockquote><p>💁 Hint</p></blockquote>"],
    ["tasks", "- [x] done\n- [ ] open", "<ul><li>☑ done</li><li>☐ open</li></ul>"],
    [
      "tables with alignment",
      "|a|b|\n|-|-:|\n|1|2|",
      expect.stringContaining('<th class="align-right" scope="col">b</th>'),
    ],
    [
      "bare addresses, but not file names",
      "See https://example.com and main.py",
      '<p>See <a href="https://example.com" rel="noopener nofollow ugc">https://example.com</a> and main.py</p>',
    ],
    [
      "HTML is sanitised",
      "<details><summary>More</summary>\n\n*x*\n\n</details><script>alert(1)</script>",
      "<details><summary>More</summary><p><em>x</em></p></details>",
    ],
    [
      "unsafe links stay words",
      "[x](javascript:alert(1)) <a href='javascript:alert(1)'>y</a>",
      "<p>[x](javascript:alert(1)) y</p>",
    ],
    [
      "badges by their words",
      "[![License](https://img.shields.io/github/license/a/b.svg)](https://a.example/)",
      '<p><a href="https://a.example/" rel="noopener nofollow ugc">License</a></p>',
    ],
    ["front matter is not text", "---\ntitle: T\n---\ntext", "<p>text</p>"],
    [
      "line breaks of Windows",
      "# A\r\n\r\n```\r\nx\r\n```\r\n",
      '<h2 id="c-a">A</h2>\n<pre tabindex="0"><code class="hljs">x\n</code></pre>',
    ],
  ])("%s", (_, markdown, expected) => {
    expect(render(markdown).html).toEqual(expected);
  });

  test("what it links to is told, and resolved", () => {
    const { html, links, images } = render(
      '[a](b.md#c) ![d](e.png "t") <img src="f.png" alt="g"> [h](https://i.example/)',
      {
        resolve: (url, kind) =>
          kind === "image"
            ? url === "e.png"
              ? "/media/ast_1/e.png"
              : null
            : url === "b.md"
              ? "/learn/c/b"
              : undefined,
      },
    );
    expect(links).toEqual(["b.md", "https://i.example/"]);
    expect(images).toEqual(["e.png", "f.png"]);
    expect(html).toContain('<a href="/learn/c/b#c">a</a> <img src="/media/ast_1/e.png" alt="d" title="t"');
    expect(html).toContain('<em class="missing-image">(Image not available: g)</em>');
  });

  test("words, minutes, text and excerpts", () => {
    const { html, words } = render(
      "# A title\n\nOne two *three*.\n\n- four\n- `five`\n\n| a | b |\n|-|-|\n| 1 | 2 |\n\n![six](x.png)",
    );
    expect(toText(html)).toBe("A title\nOne two three.\nfour\nfive\na b\n1 2\n(Image not available: six)");
    expect(words).toBe(15);
    expect([0, 199, 300, 2000].map(minutesFor)).toEqual([1, 1, 2, 10]);
    expect(countWords("これは日本語です and English")).toBe(6);
    expect(excerpt("One two three four", 11)).toBe("One two…");
    expect(excerpt("short")).toBe("short");
    expect(excerpt("x".repeat(50), 10)).toBe(`${"x".repeat(10)}…`);
  });

  test.each([
    ["---\ntitle: A\norder: 2\n---\nx", { title: "A", order: 2 }, "x"],
    ["---\nnav_order: '3'\nsummary: S\nduration: 12 min\n---\n", { order: 3, description: "S", minutes: 12 }, ""],
    ['+++\ntitle = "B"\nweight = 4\ndraft = true\n+++\nx', { title: "B", order: 4, draft: true }, "x"],
    ["---\njust words\n---\nx", {}, "---\njust words\n---\nx"],
    ["---\n- a\n- b\n---\nx", {}, "---\n- a\n- b\n---\nx"],
    ["---\na: &x [*x]\n---\nx", {}, "x"],
    ["---\n__proto__: {title: evil}\n---\nx", {}, "x"],
    ["no front matter\n---\ntitle: A\n---\n", {}, "no front matter\n---\ntitle: A\n---\n"],
  ])("front matter of %j", (text, matter, body) => {
    const split = splitFrontMatter(text);
    expect(split.matter).toEqual(matter);
    expect(split.body).toBe(body);
  });

  test.each([
    ["8,000 characters", "let a = 1;\n".repeat(700), true],
    ["more than 8 KB", "let a = 1;\n".repeat(900), false],
    ["a line of 1,000 characters", `let a = "${"x".repeat(980)}";`, true],
    ["a longer line", `let a = "${"x".repeat(1_000)}";`, false],
  ])("code with %s is colored or plain", (_, code, isColored) => {
    expect(render(`\`\`\`js\n${code}\n\`\`\``).html.includes("hljs-")).toBe(isColored);
  });

  test("front matter of more than 16 KB is text", () => {
    const page = (length: number) => `---\ntitle: A\nnote: ${"x".repeat(length)}\n---\nText`;
    expect(splitFrontMatter(page(16_000))).toMatchObject({ matter: { title: "A" }, body: "Text" });
    expect(splitFrontMatter(page(17_000))).toEqual({ matter: {}, body: page(17_000) });
  });

  test("a YAML bomb is no front matter", () => {
    const bomb = `---\na: &a [x,x]\n${"bcdefghijklmnop"
      .split("")
      .map((c, i) => `${c}: &${c} [*${"abcdefghijklmnop"[i]},*${"abcdefghijklmnop"[i]}]`)
      .join("\n")}\n---\ntext`;
    expect(splitFrontMatter(bomb).matter).toEqual({});
  });
});

describe("addresses are changed, and nothing else", () => {
  const upper = (url: string): string | undefined =>
    /^https?:|^#/.test(url) ? undefined : `asset:${url.toUpperCase()}`;
  test.each([
    ["[a](b.md) and ![c](d.png)", "[a](asset:B.MD) and ![c](asset:D.PNG)"],
    ["[a](<b c.md> 'T')", "[a](asset:B%20C.MD 'T')"],
    ["[a](b_(c).md)", "[a](asset:B_%28C%29.MD)"],
    ["[a]( b.md )", "[a]( asset:B.MD )"],
    ["[![x](y.png)](z.md)", "[![x](asset:Y.PNG)](asset:Z.MD)"],
    ["`[a](b.md)` ``x ` [c](d.md)``", "`[a](b.md)` ``x ` [c](d.md)``"],
    ["\\[a](b.md) \\`[c](d.md)\\`", "\\[a](asset:B.MD) \\`[c](asset:D.MD)\\`"],
    ["[a][r]\n\n[r]: <x y.md>\n> [s]: z.png 'T'", "[a][r]\n\n[r]: asset:X%20Y.MD\n> [s]: asset:Z.PNG 'T'"],
    [
      "<img alt='a' src=b.png> <a href=\"c.md?x&amp;y\">d</a>",
      '<img alt=\'a\' src="asset:B.PNG"> <a href="asset:C.MD?X&amp;Y">d</a>',
    ],
    ["<!-- [a](b.md) --> [c](d.md)", "<!-- [a](b.md) --> [c](asset:D.MD)"],
    [
      "- x\n\n      [code](a.md)\n\n  ```\n  [b](c.md)\n  ```\n  [d](e.md)",
      "- x\n\n      [code](a.md)\n\n  ```\n  [b](c.md)\n  ```\n  [d](asset:E.MD)",
    ],
    ["[a](https://x.example/) [b](#c) [d]() [e] (f)", "[a](https://x.example/) [b](#c) [d]() [e] (f)"],
    ["- [ ] task [a](b.md)", "- [ ] task [a](asset:B.MD)"],
  ])("%j", (markdown, expected) => {
    expect(rewriteLinks(markdown, upper)).toBe(expected);
  });
});

test("any Markdown: safe, stable, read by a browser as it is written; rewriting nothing changes nothing", () => {
  const piece = fc.constantFrom(
    ..."# a|## b|\n|\n\n|- |1. |> |    |```|```js\n|`x`|**b|**|_i_|[l](x.md)|![i](y.png)|[r]: z|[r]|<b>|</b>|<div>|</div>|<script>|| a | b |\n|-|-|\n|---|---\n|<!--|-->|&lt;|\\|~~s~~|> [!NOTE]\n|- [x] |http://a.example|<a href='j'>|$x$|é|  \n|\t|<details>|***|===".split(
      "|",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const text = pieces.join("");
      expect(rewriteLinks(text, () => undefined)).toBe(text);
      const { html } = render(text);
      expect(dangers(html)).toEqual([]);
      expect(asBrowserReads(html)).toBe(html);
      expect(sanitise(html).html).toBe(html);
    }),
    { numRuns: 1500 },
  );
});
