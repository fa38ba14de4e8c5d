import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import * as Layout from "./layout.tsx";

// React's renderer would slow every cold start, only to fill a layout that never changes. So the layout is rendered at
// build time, part by part, with holes for values. `npm run letters` writes layout.parts.ts, and a test compares that
// file and every letter with React's output.

const hole = (name: string): string => `{{${name}}}`;
const render = (element: ReactElement): string => renderToStaticMarkup(element);

/** Returns every part of the layout as HTML with holes. */
export function partsOf(): Record<string, string> {
  const letter = {
    subject: hole("subject"),
    preheader: hole("preheader"),
    title: hole("title"),
    why: hole("why"),
  };
  const look = {
    url: hole("url"),
    accent: hole("accent"),
    onAccent: hole("onAccent"),
    edge: hole("edge"),
    radius: hole("radius"),
  };
  const frame = render(
    <Layout.Frame letter={letter} look={look} mark={hole("mark")} footer={hole("footer")}>
      {hole("body")}
    </Layout.Frame>,
  );
  const text = hole("text");
  const href = hole("href");
  return {
    frame: frame.replace(paddingOf(frame), hole("padding")),
    /** Text after a preheader, so that inboxes do not show the letter: one unit for each missing character. */
    padding: paddingOf(frame)
      .replace(/^<div>|<\/div>$/g, "")
      .slice(0, paddingUnit),
    logo: render(<Layout.Logo src={hole("logoUrl")} alt={hole("alt")} />),
    name: render(<Layout.Name text={text} />),
    stop: render(<Layout.Stop label={hole("label")} href={href} />),
    schoolName: render(<Layout.SchoolName text={text} />),
    addressLine: render(<Layout.AddressLine text={text} />),
    legalLine: render(<Layout.LegalLine>{hole("links")}</Layout.LegalLine>),
    legalItem: render(<Layout.LegalItem label={hole("label")} href={href} />),
    paragraph: render(<Layout.Paragraph text={text} />),
    quote: render(
      <Layout.Quote by={hole("by")} edge={look.edge}>
        {hole("lines")}
      </Layout.Quote>,
    ),
    quoteLine: render(<Layout.QuoteLine text={text} />),
    facts: render(<Layout.Facts>{hole("facts")}</Layout.Facts>),
    fact: render(<Layout.Fact label={hole("label")} value={hole("value")} />),
    button: render(<Layout.Button label={hole("label")} href={href} look={look} />),
    after: render(<Layout.After text={text} />),
    buttonAddress: render(<Layout.ButtonAddress href={href} />),
  };
}

const paddingUnit = 7;

/** React Email's padding behind the preheader. */
function paddingOf(frame: string): string {
  const [, padding] = /\{\{preheader\}\}(<div>[^<]+<\/div>)/.exec(frame) ?? [];
  if (!padding) throw new Error("React Email fills up the preheader in another way now");
  return padding;
}

/** Returns the expected text of layout.parts.ts. */
export function source(): string {
  const entries = Object.entries(partsOf()).map(([name, html]) => `  ${name}: ${literal(html)},\n`);
  return `// Written by \`npm run letters\` from layout.tsx.\nexport const parts = {\n${entries.join("")}};\n`;
}

/** As a template literal, because HTML is full of quotation marks. Invisible characters are escaped. */
const literal = (text: string): string =>
  `\`${text
    .replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")
    .replaceAll(/[^\x20-\x7e\n]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)}\``;
