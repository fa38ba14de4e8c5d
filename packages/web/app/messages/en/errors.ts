import { translator } from "../index.ts";

/** Messages of error pages: what happened, what is safe, what to do. */
export const errors = translator({
  notFoundTitle: "This page is not here",
  notFoundBody: "The address may be mistyped, or the page has been moved or taken down. Nothing of yours is lost.",
  forbiddenTitle: "This page is not open to you",
  forbiddenBody: "You are signed in, but your roles here do not include it. If they should, ask the school.",
  goneTitle: "This link no longer works",
  goneBody: "It has been used or has expired. Request a new one from where you got it.",
  busyTitle: "Too many requests",
  busyBody: "Wait a moment, then try again. Nothing was saved from the last attempt.",
  refusedBody: "Nothing was saved. Go back, change it and send it again.",
  suspendedTitle: "This school is closed for now",
  suspendedBody:
    "Its people, courses and progress are kept safe. If you run the school, write to the platform’s support.",
  unknownHostTitle: "There is no school at this address",
  unknownHostBody: "Check the spelling, or let us mail you the addresses of the schools you belong to.",
  brokenTitle: "Something broke on our side",
  brokenBody:
    "What you saved before this is safe. Try again in a moment; if it happens again, send us the number below.",
  unavailableTitle: "Part of the site is unavailable",
  unavailableBody: "What you saved before this is safe. Try again in a minute.",
  offlineTitle: "You are offline",
  offlineBody: "That page could not be loaded. What you saved before this is safe. Try again when you are online.",
  findMySchool: "Find my school",
  contactSchool: "Contact the school",
  contactSupport: "Contact support",
  goHome: "Go to the start page",
  browse: "Browse the courses",
  tryAgain: "Try again",
  signIn: "Sign in",
});
