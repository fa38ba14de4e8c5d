import { describe, expect, test } from "vitest";
import { sanitise } from "../html/index.ts";
import { render } from "./index.ts";
import { rewriteLinks } from "./rewrite.ts";

// Pages that slow down a parser. Each has a size that linear time handles at once and quadratic time does not.
const size = 150_000;
const fill = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));

/** Processor milliseconds: measures the work, not the machine's load. */
function worked(work: () => void): number {
  const begin = process.cpuUsage();
  work();
  return process.cpuUsage(begin).user / 1000;
}

describe("nothing takes longer than reading it", () => {
  test.each([
    ["unclosed tags", fill("<a ")],
    ["unclosed quotes", `<a "${fill("<a x")}`],
    ["unclosed comments", fill("<!-- ")],
    ["brackets", fill("[")],
    ["images", fill("![")],
    ["empty links", fill("[](")],
    ["destinations", fill("](a ")],
    ["backticks of every length", Array.from({ length: 800 }, (_, i) => "`".repeat(i + 1)).join(" ")],
    ["backticks", fill("` `` ")],
    ["definitions", fill("[a]: b\n")],
    ["quotes in quotes", fill(">")],
    ["lists in lists", Array.from({ length: 400 }, (_, i) => `${"  ".repeat(i)}- x`).join("\n")],
    ["stars", fill("**a *")],
    ["tables", `|${fill("a|")}\n|${fill("-|")}\n`],
    ["entities", fill("&lt")],
    ["autolinks", fill("https://a.b ")],
  ])("%s in Markdown", (_, text) => {
    const took = worked(() => {
      rewriteLinks(text, (url) => `asset:${url}`);
      render(text);
    });
    expect(took).toBeLessThan(8_000);
  });

  test.each([
    ["equal ids", fill("<p id=a>x</p>")],
    ["equal captions", fill("<table><caption>c</caption><tr><td>1<td>2</table>")],
    ["open formatting", fill("<b><p>x")],
    ["nested divs", fill("<div>")],
    ["nested lists", fill("<ul><li>")],
    ["nested tables", fill("<table><tr><td>")],
    ["attributes", `<p ${fill("a=b ")}>x</p>`],
    ["closing tags", fill("</p>")],
    ["links in links", fill("<a href=https://a.b>")],
    ["open comment", fill("<!--")],
  ])("%s in HTML", (_, html) => {
    expect(worked(() => sanitise(html))).toBeLessThan(8_000);
  });
});
