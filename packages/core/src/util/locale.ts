import * as z from "zod";

/** A BCP 47 language tag that this system can format for: "en", "de-CH". */
export const Locale = z.string().trim().max(35).refine(isLocale, "That is not a language tag.");

/** An IANA time zone: "Europe/Zurich". */
export const Zone = z.string().trim().max(64).refine(isZone, "That is not a time zone.");

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

function isZone(name: string): boolean {
  try {
    return name !== "" && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
