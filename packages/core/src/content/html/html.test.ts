import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asBrowserReads, dangers } from "../testing/browser.ts";
import { type Resolve, sanitise } from "./index.ts";

const clean = (html: string, resolve?: Resolve): string => sanitise(html, resolve ? { resolve } : {}).html;

describe("reading material keeps its structure", () => {
  test.each([
    ["text becomes a paragraph", "hello <b>you</b>", "<p>hello <b>you</b></p>"],
    ["groups fall away", "<div><section><p>a</p>b</section></div>", "<p>a</p>\n<p>b</p>"],
    ["empty paragraphs go", "<p>&nbsp;</p><p><br> </p><p>a</p><p><span style='x'></span></p>", "<p>a</p>"],
    [
      "blocks in a paragraph",
      "<p>a<table><tr><td>1</td><td>2</td></tr></table>b</p>",
      expect.stringMatching(/^<p>a<\/p>\n<div class="table-scroll".*<\/div>\n<p>b<\/p>$/s),
    ],
    [
      "an inline element around blocks",
      "<strong><p>a</p><p>b</p></strong>",
      "<p><strong>a</strong></p>\n<p><strong>b</strong></p>",
    ],
    [
      "a link around a heading",
      '<a href="https://a.example/"><h2>x</h2></a>',
      '<h2><a href="https://a.example/" rel="noopener nofollow ugc">x</a></h2>',
    ],
    ["a list in a list", "<ul><ul><li>a</li></ul></ul>", "<ul><li>a</li></ul>"],
    ["a list behind an item", "<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"],
    ["items without a list", "<li>a</li><li>b</li>", "<ul><li>a</li><li>b</li></ul>"],
    ["text in a list", "<ol start='3'>x<li>a</li></ol>", '<ol start="3"><li>x</li><li>a</li></ol>'],
    ["definitions", "<dl><dt>a</dt><dd>b</dd></dl>", "<dl><dt>a</dt><dd>b</dd></dl>"],
    ["definitions out of order", "<dl><dd>b</dd><dt>a</dt></dl>", "<p>b</p>\n<p><strong>a</strong></p>"],
    ["code can be reached and scrolled", "<pre>\n\na\n b</pre>", '<pre tabindex="0">a\n b</pre>'],
    ["a summary is added", "<details><p>a</p></details>", "<details><summary>Details</summary><p>a</p></details>"],
    ["bold headings", "<h2><strong>a</strong></h2>", "<h2>a</h2>"],
    ["empty headings and links go", "<h2> </h2><p>a<a href='https://a.example/'></a></p>", "<p>a</p>"],
    ["math without drawings", "<p>\\(x^2\\) <math><mi>x</mi></math></p>", "<p>\\(x^2\\) x</p>"],
    [
      "old tags",
      "<center><font color=red><tt>a</tt> <strike>b</strike></font></center>",
      "<p><code>a</code> <s>b</s></p>",
    ],
    ["drawings go", "<p>a<svg><text>b</text></svg>c</p>", "<p>ac</p>"],
    ["language and direction stay", '<p lang="ar" dir="rtl">a</p>', '<p lang="ar" dir="rtl">a</p>'],
    ["a quote", "<blockquote>a<p>b</p></blockquote>", "<blockquote><p>a</p><p>b</p></blockquote>"],
    [
      "a figure",
      "<figure><img src='https://a.example/b.png' alt='c'><figcaption><p>d</p></figcaption></figure>",
      '<figure><img src="https://a.example/b.png" alt="c" loading="lazy" decoding="async" referrerpolicy="no-referrer"><figcaption><p>d</p></figcaption></figure>',
    ],
    ["nothing", "", ""],
    [
      "a whole document",
      "<!DOCTYPE html><html><head><title>t</title><style>p{}</style></head><body><p>a</p></body></html>",
      "<p>a</p>",
    ],
  ])("%s", (_, html, expected) => {
    expect(clean(html)).toEqual(expected);
  });

  test.each([
    [
      [1, 2, 3],
      [2, 3, 4],
    ],
    [
      [2, 4, 6],
      [2, 3, 4],
    ],
    [
      [3, 1, 2],
      [2, 2, 3],
    ],
    [
      [4, 4, 3],
      [2, 2, 2],
    ],
    [
      [1, 6, 3, 6],
      [2, 3, 3, 4],
    ],
    [
      [1, 2, 3, 4, 5, 6],
      [2, 3, 4, 5, 6, 6],
    ],
  ])("heading levels %j become %j", (from, to) => {
    const html = clean(from.map((level) => `<h${level}>x</h${level}>`).join(""));
    expect([...html.matchAll(/<h(\d)>/g)].map((match) => Number(match[1]))).toEqual(to);
  });

  test("tables scroll in named regions, with scopes and without empty heading cells", () => {
    const html = clean(
      "<table><thead><tr><th></th><th>A</th></tr></thead><tr><th>r</th><td align=right>1</td></tr></table>" +
        "<table><caption>Rates</caption><tr><td>1</td><td>2</td></tr></table>" +
        "<table><tr><td>1</td><td>2</td></tr></table>",
    );
    expect(html).toContain('<div class="table-scroll" role="region" tabindex="0" aria-label="Table">');
    expect(html).toContain('aria-label="Rates"');
    expect(html).toContain('aria-label="Table 3"');
    expect(html).toContain('<thead><tr><td></td><th scope="col">A</th></tr></thead>');
    expect(html).toContain('<th scope="row">r</th><td class="align-right">1</td>');
  });

  test("a table of one cell was layout", () => {
    expect(clean("<table><caption>&nbsp;</caption><tr><td><p>a</p></td></tr></table>")).toBe("<p>a</p>");
  });

  test("ids are prefixed, unique, and links inside the page follow them", () => {
    const html = clean(
      "<h2 id='a'>A</h2><h2 id='a'>B</h2><p><a href='#a'>up</a> <a href='#gone'>gone</a></p><p id='ü b'>x</p><a name='z'></a><p><a href='#z'>z</a></p>",
    );
    expect(html).toBe(
      '<h2 id="c-a">A</h2>\n<h2 id="c-a-2">B</h2>\n<p><a href="#c-a">up</a> gone</p>\n<p>x</p>\n<span id="c-z"></span>\n<p><a href="#c-z">z</a></p>',
    );
  });

  test("links: safe schemes, rel for those that leave, text for those that lead nowhere", () => {
    expect(clean('<p><a href="http://a.example/x?b=1&amp;c=2" target="_blank" title="t">a</a></p>')).toBe(
      '<p><a href="http://a.example/x?b=1&amp;c=2" title="t" rel="noopener nofollow ugc">a</a></p>',
    );
    expect(clean('<p><a href="mailto:a@b.example">m</a> <a href="page.html">p</a> <a href="/x">r</a></p>')).toBe(
      '<p><a href="mailto:a@b.example">m</a> p <a href="/x">r</a></p>',
    );
    expect(clean('<p><a href="//a.example/x">a</a></p>')).toContain('href="https://a.example/x"');
  });

  test("an image that is the whole link gets words", () => {
    expect(clean('<a href="https://www.youtube.com/watch?v=x"><img src="https://i.example/a.png"></a>')).toContain(
      'alt="Open youtube.com"',
    );
  });

  test("images: alt is kept or empty, sizes are numbers, trackers go, http becomes https", () => {
    expect(clean('<p><img src="http://a.example/b.png" width="640" height="20%"></p>')).toBe(
      '<p><img src="https://a.example/b.png" alt="" width="640" loading="lazy" decoding="async" referrerpolicy="no-referrer"></p>',
    );
    expect(clean('<p>x<img src="https://a.example/t.gif" width="1" height="1"></p>')).toBe("<p>x</p>");
  });

  test("a formula drawn as an image is its own text", () => {
    expect(clean('<p><img class="equation_image" src="/equation_images/x" alt="LaTeX: \\frac{1}{2}"></p>')).toBe(
      '<p><code class="math">\\frac{1}{2}</code></p>',
    );
  });

  test("players become links", () => {
    const { html, removed } = sanitise(
      '<p>a</p><iframe src="https://www.youtube-nocookie.com/embed/PK-2DBIVDO8?rel=0" title="Explained"></iframe>' +
        '<iframe src="//player.vimeo.com/video/12345"></iframe><video src="https://a.example/v.mp4"></video>' +
        '<iframe src="https://tool.example/embed"></iframe>',
    );
    expect(html).toContain(
      '<a href="https://www.youtube.com/watch?v=PK-2DBIVDO8" rel="noopener nofollow ugc">Explained</a>',
    );
    expect(html).toContain(
      '<a href="https://vimeo.com/12345" rel="noopener nofollow ugc">Watch the video on Vimeo</a>',
    );
    expect(html).toContain('<a href="https://a.example/v.mp4"');
    expect(html).toContain(">Open the page from tool.example</a>");
    expect(removed).toContainEqual({ what: "embedded page, now a link", count: 3 });
  });

  test("what is gone is counted", () => {
    const { removed } = sanitise(
      '<script>1</script><p style="x" onclick="y">a<a href="javascript:z">b</a></p><form><input><button>c</button></form>',
    );
    expect(Object.fromEntries(removed.map(({ what, count }) => [what, count]))).toEqual({
      script: 1,
      "inline style": 1,
      "event handler": 1,
      "unsafe address": 1,
      form: 1,
      "form field": 1,
      button: 1,
    });
  });

  test("addresses are resolved without their fragment, and what is missing says so", () => {
    const resolve: Resolve = (url, kind) =>
      url === "lesson:les_1"
        ? "/learn/c/l"
        : url === "asset:ast_1"
          ? "/media/ast_1/a.png"
          : kind === "image"
            ? null
            : undefined;
    expect(
      clean(
        '<p><a href="lesson:les_1#part">a</a> <img src="asset:ast_1" alt="b"> <img src="x.png" alt="c"></p>',
        resolve,
      ),
    ).toBe(
      '<p><a href="/learn/c/l#c-part">a</a> <img src="/media/ast_1/a.png" alt="b" loading="lazy" decoding="async"> ' +
        '<em class="missing-image">(Image not available: c)</em></p>',
    );
  });

  test("very deep and very long pages do not hurt", () => {
    const deep = clean(`${"<div><b>".repeat(5000)}x`);
    expect(deep).toContain("x");
    expect(clean("<p><b id=1><div>".repeat(20_000)).length).toBeLessThan(2_000_000);
    expect(() => clean("x".repeat(5 * 1024 * 1024))).toThrow(expect.objectContaining({ code: "html.too_large" }));
  });
});

// Random tags: the result is safe, a browser reads it exactly as written, and a second pass changes nothing.
describe("any input", () => {
  const tags =
    "h1 h2 h3 p blockquote pre ul ol li dl dt dd figure figcaption hr details summary table caption tr td th thead tbody a b em span img div br code section u ruby rt center del iframe script svg style".split(
      " ",
    );
  const attributes = [
    "",
    " id=a",
    " id='b c'",
    " href='#a'",
    " href='https://x.example/'",
    " src='https://x.example/i.png'",
    " class='hljs callout align-left missing-image table-scroll'",
    " colspan=2",
    " title=t",
    " open",
    " start=2",
    " lang=de",
    " name=n",
  ];
  const piece = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(fc.constantFrom(...tags), fc.constantFrom(...attributes)).map(([t, a]) => `<${t}${a}>`),
    },
    { weight: 4, arbitrary: fc.constantFrom(...tags).map((tag) => `</${tag}>`) },
    {
      weight: 4,
      arbitrary: fc.constantFrom("a", " ", "\n", "&nbsp;", "&lt;b&gt;", "x < y & z", "é", '"', "\u200b", "\t"),
    },
  );
  test("is safe, stable, and read by a browser as it is written", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const once = sanitise(pieces.join("")).html;
        expect(dangers(once)).toEqual([]);
        expect(asBrowserReads(once)).toBe(once);
        expect(sanitise(once).html).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });
});
