import { translator } from "../index.ts";

/** Messages of the platform's own pages. They may claim only what is true today. */
export const platform = translator({
  heroTitle: "A school of your own, open in a minute.",
  heroLead:
    "Bring a course you already have. Learners read it under your name, at your address, and always see what to do next.",
  nameLabel: "Name of your school",
  open: "Open a school",
  heroNote: "Free at the moment. No card, no installation.",

  bringTitle: "Bring what you have",
  bringBody:
    "A zip of Markdown files, or a Common Cartridge from the system you are leaving. Every import ends with a report: what was moved, what was changed, what was dropped, and why. Accept it or undo it.",
  progressTitle: "Progress that explains itself",
  progressBody:
    "Facts are kept, and the percentage follows from them. Each learner sees why it is 87 % and what is left. It never passes 100, and it does not fall when you add a lesson.",
  certificateTitle: "Certificates anyone can check",
  certificateBody:
    "Completing a course issues a certificate. It has a number, a page to print, and a public check that says valid, revoked or unknown.",
  yoursTitle: "Yours, and only yours",
  yoursBody:
    "Your own address, your people, your name on every page, and mails in your name. Each school has its own database schema and its own role in it, so a mistake elsewhere cannot read your learners.",
  brandTitle: "Any color, always readable",
  brandBody:
    "Choose one color, a font and a corner. We compute the rest so that text meets WCAG AA in light and in dark, even in yellow.",
  everyoneTitle: "For everyone who learns",
  everyoneBody:
    "By keyboard, on a phone, with a screen reader, on a slow line, without JavaScript. Courses can be in any language and script; the pages around them are in English.",
  pictureTitle: "What a learner sees",
  pictureAlt:
    "A course page of a demo school: title, summary, outcomes and modules, and beside them a button that continues at the next lesson, with 51 minutes left in the course.",
  pictureNote: "A course in the demo school that comes with Lectern.",
  endTitle: "Your first course can be readable today.",

  sampleReport: "Import report",
  sampleMoved: "24 lessons, 6 modules, 118 images",
  sampleMovedWord: "Moved",
  sampleChanged: "9 links pointed to files, now to lessons",
  sampleChangedWord: "Changed",
  sampleDropped: "3 images were missing in the folder",
  sampleDroppedWord: "Dropped",
  samplePercent: "87 %",
  sampleWhy: "26 of 30 lessons are done. What is left:",
  sampleLeft1: "Storage that forgets nothing",
  sampleLeft2: "Queues and events",
  sampleLesson: "Why the night sky is dark",
  sampleModule: "Light and distance",
  sampleText1:
    "If stars went on forever in every direction, each line of sight would end on one, and the night would be as bright as the sun. It is not. So something in that sentence must be wrong.",
  sampleText2:
    "Olbers asked it in 1823. The answer took a century: the universe has an age, and light from far away has not had the time to arrive.",
  sampleIndex: "4 of 12",

  pricingTitle: "Free, for now",
  pricingLead: "Lectern does not charge anything today. There is no trial that runs out and no card to leave.",
  pricingNow: "What you get",
  pricingNow1: "A school at its own address, with your name and colors",
  pricingNow2: "As many courses, instructors and learners as you need",
  pricingNow3: "Imports, progress, certificates, roles and the API",
  pricingLater: "What comes later",
  pricingLater1: "Paid plans will come. This page will show their prices before anyone is asked to pay.",
  pricingLater2: "Courses are free to take at the moment: schools cannot charge learners through Lectern yet.",
  pricingLater3: "The source is open under the Apache 2.0 license, so you can always run it yourself.",

  signUpTitle: "Open a school",
  signUpLead: "One form. Your school answers at its own address as soon as you send it.",
  schoolSection: "Your school",
  personSection: "You, the owner",
  schoolName: "School name",
  schoolNameHelp: "As learners should read it. You can change it later.",
  address: "Address",
  addressHelp: "Small letters, digits and hyphens.",
  addressScript: "We cannot spell this name in the letters a to z. Please type an address.",
  addressFree: "{host} is free.",
  addressSuggest: "Free instead:",
  givenName: "Given name",
  familyName: "Family name",
  email: "E-mail",
  emailHelp: "You sign in with it, and your school’s mails to you go there.",
  password: "Password",
  passwordHelp: "At least 12 characters. A few unrelated words are easy to remember and hard to guess.",
  legalNote: "Before you open a school, read:",
  opening: "Opening your school",
  enterName: "Please enter a name for the school.",
  enterGivenName: "Please enter your given name.",
  noEmail: "Please enter your e-mail address.",
  enterEmail: "That is not an e-mail address.",
  enterPassword: "Please choose a password.",
  enterAddress: "Please choose an address.",

  findTitle: "Find my school",
  findLead:
    "Schools live at their own addresses. Tell us your e-mail and we send you those of every school that knows it.",
  findSubmit: "Mail me my schools",
  findSentTitle: "Look in your inbox",
  findSentBody: "If a school knows {email}, a mail with its address is on its way. It can take a minute.",
  findAgain: "Try another address",
});
