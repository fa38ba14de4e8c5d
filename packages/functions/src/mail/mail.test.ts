import { enrolled as enrolledLetter } from "@lectern/core/learn/progress/progress.letters";
import { ownerAdded } from "@lectern/core/people/identity/security.letters";
import { dateOf, duration, piecesOf, plainly, when } from "@lectern/core/talk/letter";
import { expect, test } from "vitest";
import { withoutLinks } from "./plain.ts";
import { renderLetter } from "./render.tsx";
import { displayName, senderName } from "./send.ts";
import { contrast } from "./testing/contrast.ts";
import { letters, looks } from "./testing/samples.ts";

const [look] = looks;
if (!look) throw new Error("no look");

test.each(Object.entries(letters))(
  "%s: HTML and text say the same, with one button and why it came",
  async (_, letter) => {
    const { subject, html, text } = renderLetter(letter, look);
    expect(subject.length).toBeLessThanOrEqual(120);
    expect(html.match(/class="button"/g)?.length ?? 0).toBe(letter.button ? 1 : 0);
    const plain = html
      .replaceAll(/<\/?bdi>/g, "")
      .replaceAll(/<!--.*?-->|<style.*?<\/style>|<[^>]+>/gs, " ")
      .replaceAll("&amp;", "&")
      .replaceAll("&#x27;", "'")
      .replaceAll("&quot;", '"');
    for (const sentence of [letter.title, ...letter.paragraphs, ...(letter.after ?? []), letter.why]) {
      const words = piecesOf(sentence)
        .map((piece) => piece.text)
        .join("");
      expect(text).toContain(plainly(sentence));
      expect(plain.replaceAll(/\s+/g, " ")).toContain(words);
    }
    if (letter.button) expect(text).toContain(letter.button.href);
    expect(html).toContain(plainly(letter.preheader).slice(0, 20));
    expect(`${html}${text}`).not.toMatch(/undefined|\[object|NaN/);
    expect(text).not.toContain("!");
  },
);

test("the button is readable in every brand color", () => {
  for (const { accent, onAccent } of looks) expect(contrast(accent, onAccent)).toBeGreaterThanOrEqual(4.5);
});

test("our sentences run left to right even after a right-to-left name; a quote keeps its own direction", async () => {
  const sentence = "عبد الرحمن, you finished every lesson.";
  const { html } = renderLetter(
    { ...letters.invitation, paragraphs: [sentence], quote: { text: "أهلا بك", by: "نور" } },
    look,
  );
  const paragraphs = html.match(/<p\b[^>]*>[^<]*/g) ?? [];
  expect(paragraphs.find((each) => each.includes(sentence))).not.toContain("dir=");
  expect(paragraphs.find((each) => each.includes("أهلا بك"))).toContain('dir="auto"');
});

test.each(Object.entries(letters))("%s: every name of a person or a school is isolated", (_, letter) => {
  const { subject, preheader, title, paragraphs, after = [], why } = letter;
  for (const sentence of [subject, preheader, title, ...paragraphs, ...after, why])
    for (const { text, isValue } of piecesOf(sentence))
      if (!isValue) expect(text).not.toMatch(/Amélie|Amina|Harbour School of Code/);
});

test("names and titles are isolated in HTML, and right-to-left ones in plain text", () => {
  const to = { givenName: "عبد الرحمن", locale: "en", zone: "UTC" };
  const course = { title: "مُقَدِّمَة", summary: "", lessons: 1, minutes: 5 };
  const letter = enrolledLetter({
    ...{ to, school: "Harbour \u202e School", course, first: null, isByStaff: true },
    href: "https://harbour.example/learn/مقدمة/الدرس الأول?x=é",
    leaveHref: "https://harbour.example/learn/مقدمة",
  });
  const { subject, html, text } = renderLetter(letter, look);
  expect(html).toContain("Hello <bdi>عبد الرحمن</bdi>, <bdi>Harbour  School</bdi> has enrolled you");
  expect(text).toContain("Hello \u2068عبد الرحمن\u2069, Harbour  School has enrolled you");
  expect(subject).toBe("You are enrolled: \u2068مُقَدِّمَة\u2069");
  expect(html.slice(html.indexOf("<body"))).not.toMatch(/[\u2066-\u2069]/);
  expect(renderLetter(letters.certificate, look).text).not.toMatch(/[\u2066-\u2069]/);
  const encoded = "https://harbour.example/learn/%D9%85%D9%82%D8%AF%D9%85%D8%A9";
  for (const body of [html, text]) {
    expect(body).toContain(`${encoded}/%D8%A7%D9%84%D8%AF%D8%B1%D8%B3%20%D8%A7%D9%84%D8%A3%D9%88%D9%84?x=%C3%A9`);
    expect(body).not.toMatch(/https?:[^\s"]*[^\p{ASCII}]/u);
  }
  expect(text).toContain(`Leave the course on its page: ${encoded}\n`);
  expect(html).toMatch(new RegExp(`<a [^>]*href="${encoded}"[^>]*>Leave the course`));
});

test("letters about owners and passwords isolate names and show readable addresses", () => {
  const added = { name: "\u0623\u0645\u064a\u0646\u0629", email: "amina@xn--mnchen-3ya.example" };
  const to = { givenName: "\u0622\u062f\u0627", locale: "en", zone: "UTC" };
  const about = { to, school: "Harbour", added, by: "Jonas", at: new Date(0), href: "https://harbour.example/" };
  const { html } = renderLetter(ownerAdded(about), look);
  for (const value of [to.givenName, added.name, "amina@m\u00fcnchen.example", "Jonas", "Harbour"])
    expect(html).toContain(`<bdi>${value}</bdi>`);
});

test("a mail ends with the school's postal address if it has one", () => {
  const { html, text } = renderLetter(letters.reset, look);
  expect(text).toContain("Harbour School of Code\n12 Quay Street\nGalway\n");
  expect(text).toContain("\nContact: help@harbour.example");
  expect(html).toMatch(/>12 Quay Street<.*>Galway<.*href="mailto:help@harbour.example"/s);
  const bare = renderLetter(letters.reset, { ...look, address: null, legal: [] });
  expect(`${bare.html}${bare.text}`).not.toMatch(/mailto:|null/);
});

test("a person's text is escaped", async () => {
  const letter = { ...letters.invitation, quote: { text: "<script>alert(1)</script>", by: "<b>Eve</b>" } };
  const { html } = renderLetter({ ...letter, subject: "Hello\r\nBcc: eve@example.test" }, look);
  expect(html).not.toContain("<script>alert");
  expect(html).not.toContain("<b>Eve");
  expect(renderLetter({ ...letter, subject: "Hello\r\nBcc: eve@example.test" }, look).subject).toBe(
    "Hello Bcc: eve@example.test",
  );
});

test("any school name becomes one display name", () => {
  expect(displayName("Harbour School")).toBe('"Harbour School"');
  expect(displayName('A "B", Inc. <x@y>\r\nBcc: z')).toBe('"A \\"B\\", Inc. <x@y>  Bcc: z"');
  const long = displayName("Schule für Ölmalerei und Gestaltung am Großen Fluß, Zürich");
  const words = long.split(" ");
  for (const word of words) expect(word).toMatch(/^=\?UTF-8\?B\?[A-Za-z0-9+/=]{1,60}\?=$/);
  const text = words.map((word) => Buffer.from(word.slice(10, -2), "base64").toString()).join("");
  expect(text).toBe("Schule für Ölmalerei und Gestaltung am Großen Fluß, Zürich");
});

test("times are in the reader's zone, durations in words", () => {
  const at = new Date("2026-06-02T22:30:00Z");
  expect(when(at, { locale: "en", zone: "Europe/Zurich" })).toBe("Wednesday 3 June at 00:30 (CEST)");
  expect(when(at, { locale: "de", zone: "America/New_York" })).toContain("Tuesday 2 June at 18:30");
  expect(duration(200)).toBe("3 hours 20 minutes");
  expect(duration(60)).toBe("1 hour");
  expect(duration(0)).toBe("a few minutes");
});

test.each([
  ["en", "March 12, 2026"],
  ["en-GB", "12 March 2026"],
  ["de", "12. März 2026"],
])("a certificate's mail and page show the same date in %s", (locale, written) => {
  expect(dateOf("2026-03-12", { locale })).toBe(written);
});

test("the sender names the school and the platform", () => {
  expect(senderName("Harbour School")).toBe('"Harbour School via Lectern"');
});

const own = { platformHost: "lectern.example", hosts: ["learn.harbour.example"] };
const through = (text: string): string =>
  withoutLinks({ ...letters.invitation, quote: { text, by: "Eve" } }, own).quote?.text ?? "";

test("links in a person's text are not links in a mail", () => {
  for (const text of [
    "Your account is locked: https://evil.example/login?a=1",
    "HTTPS://EVIL.EXAMPLE",
    "www.evil.example",
    "(evil.example/x)",
    "hTTp://user@evil.example",
    "https://lectern.example@evil.example/",
    "https://lectern.example.evil.example",
    "“https://пример.рф”",
    "ftp://evil.example",
    // An own address beside a foreign one does not make it ours.
    "evil.example/a.lectern.example",
    "evil.example?a=.lectern.example",
    "evil.example?a=b@lectern.example",
    'https://lectern.example/"https://evil.example',
    "https://lectern.example/,http://evil.example",
  ]) {
    const plain = through(text);
    expect(plain).not.toMatch(/:\/\//);
    expect(plain).not.toMatch(/[\p{L}\d]\.\p{L}{2}/u);
  }
  // All places where a name or title appears.
  const letter = withoutLinks(
    {
      ...letters.invitation,
      subject: "evil.example invites you",
      paragraphs: ["Hello http://evil.example"],
      title: "evil.example",
    },
    own,
  );
  expect(`${letter.subject}${letter.paragraphs}${letter.title}`).not.toContain("evil.example");
});

test("the platform's and the school's own links and ordinary text do not change", () => {
  for (const text of [
    "Read https://harbour.lectern.example/courses/knots first.",
    "https://learn.harbour.example/",
    "Write to ada@harbour.example.",
    "At 9.30, e.g. room 1.2 on 30.11.2026, version 1.2.3.",
    "Two\n\nparagraphs  with  spaces",
  ])
    expect(through(text)).toBe(text);
  expect(withoutLinks(letters.invitation, own).button).toEqual(letters.invitation.button);
});

test("hostile text of any length is processed in linear time", () => {
  const cost = (text: string) => {
    const begin = process.cpuUsage();
    through(text);
    return process.cpuUsage(begin).user;
  };
  for (const unit of ["a.", "a://", "@", "a.a@", '"', '".x', "https://a.b "]) {
    cost(unit.repeat(10_000));
    expect(cost(unit.repeat(100_000))).toBeLessThan(2_000_000);
  }
});
