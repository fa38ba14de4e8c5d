import { translator } from "../index.ts";

export const legal = translator({
  privacyTitle: "Privacy policy",
  termsTitle: "Terms",
  imprintTitle: "Imprint",
  contactTitle: "Contact",
  changed: "Last changed",
  title: "Legal pages",
  lead: "Your own texts. Each one is linked in the footer, at sign-up and in mails as soon as it is written. An empty one is not linked.",
  privacyLead: "What you keep about people, why, and for how long.",
  termsLead: "What learners agree to when they join.",
  imprintLead: "Who runs the school. Some countries require it.",
  contactLead: "How people reach you. Without a page, the footer links to the contact address in your settings.",
  staleBody: "Your text is in the form below and not saved yet. Compare the two, then keep yours or take theirs.",
  text: "Text",
  textHelp: "Markdown. A first line such as “# Privacy policy” becomes the title.",
  url: "Link to a page elsewhere",
  urlHelp: "Begins with https://. If set, visitors go there instead of to your text.",
  save: "Save {page}",
  saved: "{page} saved. The links are up to date within a minute.",
  open: "Open the page",
  never: "Not written yet",
});
