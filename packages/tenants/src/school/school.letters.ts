import { type Letter, said } from "@lectern/core/talk/letter";

interface Reader {
  readonly givenName: string;
}

export const schoolOpened = (o: { to: Reader; school: string; url: string; studio: string }): Letter => ({
  subject: said`${o.school} is open`,
  preheader: said`Its address is ${o.url}`,
  title: said`${o.school} is open`,
  paragraphs: [
    said`Hello ${o.to.givenName}, your school is ready, at its own address and with its data apart from every other school's.`,
    "The next step is a first course. You can import one you have (a folder or zip of Markdown, or a Common Cartridge), or write the first lesson by hand.",
  ],
  facts: [{ label: "Address", value: o.url }],
  button: { label: "Add the first course", href: o.studio },
  after: ["Colors, logo and sign-up rules are under Admin. You can invite your team there too."],
  why: said`You get this because you opened ${o.school} on Lectern and are its owner.`,
});
