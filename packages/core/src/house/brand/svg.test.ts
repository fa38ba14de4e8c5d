import { describe, expect, test } from "vitest";
import { Brand } from "./index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const svg = (inside: string, attributes = 'viewBox="0 0 300 100"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inside}</svg>`;
const clean = (text: string) => Brand.cleanSvg(bytes(text));

describe("an SVG logo", () => {
  test("keeps what draws and loses what editors leave behind", async () => {
    const { svg: out, ratio } = await clean(
      `\ufeff<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><!-- made by hand -->${svg(
        `<metadata><x>y</x></metadata><title>Acme &amp; Sons</title><style>.a{fill:#f00;fill:url(#g)}</style>
        <defs><linearGradient id="g"><stop offset="0" stop-color="rgb(1,2,3)"/></linearGradient></defs>
        <g data-name="Layer" class="a" transform="translate(1 2)"><path d="M0 0h10z"/><text>A &lt; B</text></g>
        <use xlink:href="#g"/><animate attributeName="href" to="x"/><filter id="f"><feImage/></filter>`,
      )}`,
    );
    expect(ratio).toBe(3);
    expect(out).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"><style>.a{fill:#f00;fill:url(#g)}</style>' +
        '<defs><linearGradient id="g"><stop offset="0" stop-color="rgb(1,2,3)"></stop></linearGradient></defs>' +
        '<g class="a" transform="translate(1 2)"><path d="M0 0h10z"></path><text>A &lt; B</text></g><use href="#g"></use></svg>',
    );
    // Cleaning is a fixed point: what was stored would be stored again.
    expect((await clean(out)).svg).toBe(out);
  });

  test.each([
    ["a script", svg("<script>alert(1)</script>")],
    ["a script", svg('<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>')],
    ["a script", svg("<metadata><script/></metadata>")],
    ["a web page", svg("<foreignObject><body/></foreignObject>")],
    ["an embedded picture", svg('<image href="https://evil.example/a.png"/>')],
    ["a link", svg('<a href="javascript:alert(1)"><path d=""/></a>')],
    ["an event handler", svg("<path/>", 'onload="alert(1)"')],
    ["an event handler", svg('<path ONCLICK="alert(1)"/>')],
    ["a reference to another file", svg('<use href="https://evil.example/a.svg#b"/>')],
    ["a reference to another file", svg('<use xlink:href="data:image/svg+xml,x"/>')],
    ["a reference to another file", svg('<path fill="url(https://evil.example/a.svg#b)"/>')],
    ["a reference to another file", svg("<style>.a{fill:url( 'x.svg#a')}</style>")],
    ["a style sheet", svg("<style>@import 'https://evil.example/a.css';</style>")],
    ["a style sheet", svg("<style>.a{fill:\\75rl(x)}</style>")],
    ["a style sheet", svg("<path style=\"fill:image-set('a.png')\"/>")],
    ["a style sheet", svg("<style><![CDATA[.a{background:src('x')}]]></style>")],
    ["entities", `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg("&x;")}`],
    ["errors", svg("&nbsp;")],
    ["errors", "<svg"],
    ["no picture", "<html/>"],
    ["too many parts", svg("<g>".repeat(100) + "</g>".repeat(100))],
    ["too many repeated parts", svg('<use href="#a"/>'.repeat(30))],
  ])("with %s is refused", async (what, text) => {
    await expect(clean(text)).rejects.toMatchObject({
      code: "logo.svg_refused",
      message: expect.stringContaining(what),
      fields: { file: expect.any(String) },
    });
  });

  test("that is no UTF-8 is refused", async () => {
    await expect(Brand.cleanSvg(new Uint8Array([0x3c, 0xff, 0xfe]))).rejects.toMatchObject({
      code: "logo.svg_refused",
    });
  });

  test("hostile text of twice the size takes about twice the time", async () => {
    const cost = async (size: number) => {
      const started = process.cpuUsage();
      for (const piece of ["a(", "a", "<!---->", "<g/>", "url(#a)", "url(", '"'])
        await clean(
          svg(
            `<style>${piece.startsWith("<") ? "" : piece.repeat(size)}</style>${piece.startsWith("<") ? piece.repeat(size) : ""}`,
          ),
        ).catch(() => {});
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    await cost(5_000);
    const [small, large] = [await cost(10_000), await cost(40_000)];
    expect(large / small).toBeLessThan(12);
  });
});
