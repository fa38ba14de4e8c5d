import { type Letter, piecesOf, plainly } from "@lectern/core/talk/letter";
import { Body, Container, Head, Heading, Hr, Html, Img, Link, Preview, Section, Text } from "@react-email/components";
import type { CSSProperties, ReactNode } from "react";
import { encodedHref, type LegalLink, type Look } from "./look.ts";

const sans = '"Instrument Sans", Inter, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif';
const serif = 'Newsreader, "Source Serif 4", Georgia, "Times New Roman", serif';

const ink = { ground: "#fbfaf7", text: "#23211e", quiet: "#68645c", line: "#e2dfd7" };
const night = { ground: "#15171a", text: "#ecebe7", quiet: "#a8a59e", line: "#33363b" };

// For clients with dark mode; clients that invert colors start from ones that survive it.
const dark = `
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (prefers-color-scheme: dark) {
    .ground, .ground td { background-color: ${night.ground} !important; }
    .ink { color: ${night.text} !important; }
    .quiet { color: ${night.quiet} !important; }
    .line { border-color: ${night.line} !important; }
    .button { border-color: #71757c !important; }
  }
  @media (max-width: 480px) {
    .column { padding-left: 20px !important; padding-right: 20px !important; }
    .button { display: block !important; text-align: center !important; }
  }
`;

/**
 * Renders the layout of every mail: one column, the school's logo, one button, and why it was sent. Our sentences have
 * their language's direction whatever name they begin with; people's texts have their own (`dir="auto"`).
 */
export function LetterMail({ letter, look }: { readonly letter: Letter; readonly look: Look }) {
  const { quote, facts, button, stop } = letter;
  const footer = (
    <>
      {stop && <Stop label={stop.label} href={encodedHref(stop.href)} />}
      {look.address && <SchoolName text={look.schoolName} />}
      {look.address && lines(look.address).map((text) => <AddressLine key={text} text={text} />)}
      {look.legal.length > 0 && (
        <LegalLine>
          {look.legal.map((link) => (
            <LegalItem key={link.href} {...link} />
          ))}
        </LegalLine>
      )}
    </>
  );
  return (
    <Frame
      letter={{
        subject: plainly(letter.subject),
        preheader: plainly(letter.preheader),
        title: isolated(letter.title),
        why: isolated(letter.why),
      }}
      look={look}
      mark={<Mark look={look} />}
      footer={footer}
    >
      {letter.paragraphs.map((text) => (
        <Paragraph key={text} text={isolated(text)} />
      ))}
      {quote && (
        <Quote by={quote.by} edge={look.edge}>
          {quote.text.split(/\n+/).map((text) => (
            <QuoteLine key={text} text={text} />
          ))}
        </Quote>
      )}
      {facts && (
        <Facts>
          {facts.map((fact) => (
            <Fact key={fact.label} {...fact} />
          ))}
        </Facts>
      )}
      {button && <Button label={isolated(button.label)} href={encodedHref(button.href)} look={look} />}
      {letter.after?.map((text) => (
        <After key={text} text={isolated(text)} />
      ))}
      {button && <ButtonAddress href={encodedHref(button.href)} />}
    </Frame>
  );
}

const lines = (text: string): string[] => text.split(/\n+/).filter(Boolean);

/** Wraps a sentence's values in <bdi>. */
const isolated = (sentence: string): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence keep their places
  piecesOf(sentence).map(({ text, isValue }, at) => (isValue ? <bdi key={at}>{text}</bdi> : text));

interface FrameProps {
  readonly letter: Pick<Letter, "subject" | "preheader"> & { readonly title: ReactNode; readonly why: ReactNode };
  readonly look: Pick<Look, "url" | "accent">;
  readonly mark: ReactNode;
  readonly footer: ReactNode;
  readonly children: ReactNode;
}

export function Frame({ letter, look, mark, footer, children }: FrameProps) {
  return (
    <Html lang="en" dir="ltr">
      <Head>
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <title>{letter.subject}</title>
        <style>{dark}</style>
      </Head>
      <Preview>{letter.preheader}</Preview>
      <Body className="ground" style={{ backgroundColor: ink.ground, margin: 0, padding: 0, fontFamily: sans }}>
        <Container className="column" style={{ maxWidth: 560, margin: "0 auto", padding: "32px 24px 40px" }}>
          <Section>
            <div style={{ width: 32, height: 4, borderRadius: 2, backgroundColor: look.accent, marginBottom: 14 }} />
            <Link href={look.url} style={{ textDecoration: "none" }}>
              {mark}
            </Link>
          </Section>
          <Heading as="h1" className="ink" style={title}>
            {letter.title}
          </Heading>
          {children}
          <Hr className="line" style={{ borderColor: ink.line, borderTopWidth: 1, margin: "32px 0 16px" }} />
          <Text className="quiet" style={{ ...small, margin: 0 }}>
            {letter.why}
          </Text>
          {footer}
        </Container>
      </Body>
    </Html>
  );
}

/** Links to the school's legal pages, below why the mail was sent. */
export const LegalLine = ({ children }: { readonly children: ReactNode }) => (
  <Text className="quiet" style={{ ...small, margin: "8px 0 0" }}>
    {children}
  </Text>
);

export const LegalItem = ({ label, href }: LegalLink) => (
  <Link className="quiet" href={href} style={{ color: ink.quiet, textDecoration: "underline", marginRight: 14 }}>
    {label}
  </Link>
);

/** Renders the logo and the name, unless the logo contains the name. */
function Mark({ look: { logoUrl, logoHasName, schoolName } }: { readonly look: Look }) {
  return (
    <>
      {logoUrl && <Logo src={logoUrl} alt={logoHasName ? schoolName : ""} />}
      {!(logoUrl && logoHasName) && <Name text={schoolName} />}
    </>
  );
}

export const Name = ({ text }: { readonly text: string }) => (
  <span className="ink" dir="auto" style={{ color: ink.text, fontSize: 15, fontWeight: 600 }}>
    {text}
  </span>
);

export const Logo = ({ src, alt }: { readonly src: string; readonly alt: string }) => (
  <Img
    src={src}
    alt={alt}
    height={32}
    style={{ display: "inline-block", verticalAlign: "middle", marginRight: 10, maxWidth: 160 }}
  />
);

export const Stop = ({ label, href }: { readonly label: string; readonly href: string }) => (
  <Text className="quiet" style={{ ...small, margin: "6px 0 0" }}>
    <Link className="quiet" href={href} style={{ color: ink.quiet, textDecoration: "underline" }}>
      {label}
    </Link>
  </Text>
);

export const SchoolName = ({ text }: { readonly text: string }) => (
  <Text className="quiet" dir="auto" style={{ ...small, margin: "14px 0 0" }}>
    {text}
  </Text>
);

export const AddressLine = ({ text }: { readonly text: string }) => (
  <Text className="quiet" dir="auto" style={{ ...small, margin: 0 }}>
    {text}
  </Text>
);

export const Paragraph = ({ text }: { readonly text: ReactNode }) => (
  <Text className="ink" style={paragraph}>
    {text}
  </Text>
);

interface QuoteProps {
  readonly by: string;
  readonly edge: string;
  readonly children: ReactNode;
}

export const Quote = ({ by, edge, children }: QuoteProps) => (
  <Section style={{ ...quoted, borderLeftColor: edge }}>
    {children}
    <Text className="quiet" dir="auto" style={{ ...small, margin: 0 }}>
      {by}
    </Text>
  </Section>
);

export const QuoteLine = ({ text }: { readonly text: string }) => (
  <Text className="ink" dir="auto" style={{ ...paragraph, margin: "0 0 6px" }}>
    {text}
  </Text>
);

export const Facts = ({ children }: { readonly children: ReactNode }) => (
  <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} style={{ margin: "20px 0 4px" }}>
    <tbody>{children}</tbody>
  </table>
);

export const Fact = ({ label, value }: { readonly label: string; readonly value: string }) => (
  <tr>
    <td className="quiet line" style={{ ...cell, color: ink.quiet, width: "34%", paddingRight: 12 }}>
      {label}
    </td>
    <td className="ink line" dir="auto" style={{ ...cell, color: ink.text }}>
      {value}
    </td>
  </tr>
);

interface ButtonProps {
  readonly label: ReactNode;
  readonly href: string;
  readonly look: Pick<Look, "accent" | "onAccent" | "edge" | "radius">;
}

export const Button = ({ label, href, look }: ButtonProps) => (
  <Section style={{ margin: "28px 0 24px" }}>
    <Link className="button" href={href} style={buttonOf(look)}>
      {label}
    </Link>
  </Section>
);

export const After = ({ text }: { readonly text: ReactNode }) => (
  <Text className="quiet" style={small}>
    {text}
  </Text>
);

export const ButtonAddress = ({ href }: { readonly href: string }) => (
  <Text className="quiet" style={{ ...small, wordBreak: "break-all" }}>
    If the button does not work, open this address: <br />
    <Link className="quiet" href={href} style={{ color: ink.quiet, textDecoration: "underline" }}>
      {href}
    </Link>
  </Text>
);

const title: CSSProperties = {
  color: ink.text,
  fontFamily: serif,
  fontSize: 27,
  fontWeight: 500,
  lineHeight: 1.25,
  letterSpacing: "-0.01em",
  margin: "28px 0 16px",
};
const paragraph: CSSProperties = { color: ink.text, fontSize: 16, lineHeight: 1.55, margin: "0 0 14px" };
const small: CSSProperties = { color: ink.quiet, fontSize: 13.5, lineHeight: 1.5, margin: "0 0 10px" };
const quoted: CSSProperties = { borderLeft: `3px solid ${ink.line}`, padding: "2px 0 2px 16px", margin: "18px 0" };
const cell: CSSProperties = {
  borderTop: `1px solid ${ink.line}`,
  fontSize: 14.5,
  lineHeight: 1.45,
  padding: "9px 0",
  verticalAlign: "top",
  textAlign: "left",
};

const buttonOf = (look: ButtonProps["look"]): CSSProperties => ({
  backgroundColor: look.accent,
  border: `1px solid ${look.edge}`,
  borderRadius: look.radius,
  color: look.onAccent,
  display: "inline-block",
  fontSize: 16,
  fontWeight: 600,
  lineHeight: "20px",
  padding: "12px 22px",
  textDecoration: "none",
});
