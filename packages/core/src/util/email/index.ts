import { domainToASCII, domainToUnicode } from "node:url";
import * as z from "zod";

// The one parser of e-mail addresses, so that an address has one form wherever it is compared. The local part is a
// Dot-string of RFC 5321, section 4.1.2. It refuses non-ASCII local parts, which need SMTPUTF8 and Amazon SES lacks it,
// and quoted ones, which no real mailbox uses. Domains are stored in ASCII (what SES sends to and browsers produce) and
// shown in Unicode.

const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+";
const localPart = new RegExp(`^${atom}(?:\\.${atom})*$`);
const hostName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const notAnAddress = "That is not an e-mail address.";
const noAddress = "Please enter an e-mail address.";
const notAscii = "Before the @, an address can only have letters without accents, digits and signs.";

/** Returns an address in its account form (trimmed, lower case, the domain in ASCII), or why it is invalid. */
function judgeAddress(typed: string): { readonly address: string } | { readonly reason: string } {
  const text = typed.trim().normalize("NFC").toLowerCase();
  if (text === "") return { reason: noAddress };
  if (text.length > 1_000) return { reason: "That address is too long." };
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  if (at < 1) return { reason: notAnAddress };
  if (!localPart.test(local))
    return { reason: /^[\p{L}\p{M}\p{N}._+-]*[^\p{ASCII}]/u.test(local) ? notAscii : notAnAddress };
  const domain = asciiDomain(text.slice(at + 1));
  if (domain === undefined) return { reason: notAnAddress };
  const address = `${local}@${domain}`;
  if (local.length > 64 || address.length > 254) return { reason: "That address is too long." };
  return { address };
}

function asciiDomain(typed: string): string | undefined {
  // Whatever else `domainToASCII` would make something of: percent signs, slashes, ports.
  if (!/^(?:[\p{L}\p{M}\p{N}.\u3002\uff0e\uff61\u00b7\u30fb-]|\u200c|\u200d)+$/u.test(typed)) return undefined;
  const domain = domainToASCII(typed) || typed;
  return domain.length <= 253 && hostName.test(domain) ? domain : undefined;
}

/** Returns the form in which an address is compared and mailed; invalid text is only lower-cased. */
export function canonicalEmail(typed: string): string {
  const judged = judgeAddress(typed);
  return "address" in judged ? judged.address : typed.trim().toLowerCase();
}

/** The address as people read it: `user@münchen.example` for `user@xn--mnchen-3ya.example`. */
export function shownEmail(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = address.slice(at + 1);
  if (!/(?:^|\.)xn--/.test(domain)) return address;
  const shown = domainToUnicode(domain);
  return shown && domainToASCII(shown) === domain ? address.slice(0, at + 1) + shown : address;
}

/** Returns an e-mail domain in its ASCII form; `shownEmail` shows it, too. Also accepts "@school.example". */
export const MailDomain = z.string().transform((typed, context) => {
  const domain = asciiDomain(typed.trim().replace(/^@/, "").normalize("NFC").toLowerCase());
  if (domain !== undefined) return domain;
  context.addIssue({ code: "custom", message: "That is not a domain." });
  return z.NEVER;
});

/** An e-mail address in its one form. */
export const Email = z.string().transform((typed, context) => {
  const judged = judgeAddress(typed);
  if ("address" in judged) return judged.address;
  context.addIssue({ code: "custom", message: judged.reason });
  return z.NEVER;
});

/** As `Email`, with what a form says when its field is empty or wrong. */
export const emailField = (message: string) => z.string(message).pipe(Email);
