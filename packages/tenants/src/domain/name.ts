import { isIP } from "node:net";
import { domainToASCII, domainToUnicode } from "node:url";
import { localCloud } from "@lectern/core/kernel/aws";
import { Directory } from "@lectern/core/kernel/directory";
import { skeletonOf } from "../school/slug.ts";

type NameRefusal =
  | "domain.not_a_name"
  | "domain.address"
  | "domain.ip"
  | "domain.wildcard"
  | "domain.platform"
  | "domain.special"
  | "domain.lookalike";

export type NameVerdict =
  | { readonly ok: true; readonly host: string }
  | { readonly ok: false; readonly code: NameRefusal; readonly reason: string };

// Names without meaning on the public internet (RFC 6761 and 7686, and what routers use).
const special = new Set(["localhost", "local", "internal", "test", "invalid", "onion", "arpa", "lan", "home", "corp"]);

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Returns the host in ASCII and lower case, or why a school cannot have it, in words for the person who typed it. DNS
 * proves the ownership later.
 */
export function checkName(input: string): NameVerdict {
  const typed = input.trim().replace(/\.$/, "");
  if (/^[a-z][a-z0-9+.-]*:\/\/|[/@?#\\]/i.test(typed))
    return refuse(
      "domain.address",
      "Please enter the name alone, such as learn.example.edu, without https:// or a path.",
    );
  if (isIP(typed) !== 0 || /^\[.*\]$/.test(typed))
    return refuse("domain.ip", "That is an address of a machine. Please enter a name, such as learn.example.edu.");
  if (/:\d*$/.test(typed)) return refuse("domain.address", "Please enter the name without a port.");
  if (typed.includes("*")) return refuse("domain.wildcard", "Please enter one name. Names with * cannot be connected.");
  const host = domainToASCII(typed).toLowerCase();
  const labels = host.split(".");
  const isName = host !== "" && host.length <= 253 && labels.length >= 2 && labels.every((each) => label.test(each));
  if (!isName || isIP(host) !== 0 || /^\d+$/.test(labels.at(-1) ?? ""))
    return refuse("domain.not_a_name", "That is not a domain name. It looks like learn.example.edu.");
  return isOurs(host) ?? isSpecial(host, labels) ?? isLookalike(host) ?? { ok: true, host };
}

/** Returns the readable form: bücher.example for xn--bcher-kva.example. */
export const unicodeOf = (host: string): string => domainToUnicode(host) || host;

/** Returns the readable form, followed by the ASCII form where they differ. */
export const namedOf = (host: string): string => {
  const shown = unicodeOf(host);
  return shown === host ? host : `${shown} (${host})`;
};

function isOurs(host: string): NameVerdict | undefined {
  const platform = Directory.platformHost();
  // On a developer's machine every name below localhost resolves to it, and names of two labels are no school's slug.
  if (localCloud() && Directory.isOwn(host) && !host.endsWith(`.domains.${platform}`)) return undefined;
  if (host !== platform && !host.endsWith(`.${platform}`)) return undefined;
  return refuse(
    "domain.platform",
    `Names of ${platform} belong to the platform. Enter a domain that is the school’s own.`,
  );
}

function isSpecial(host: string, labels: readonly string[]): NameVerdict | undefined {
  const top = labels.at(-1) ?? "";
  if (!special.has(top) || (localCloud() && top === "localhost")) return undefined;
  return refuse(
    "domain.special",
    `${namedOf(host)} cannot be reached from the internet, because names in .${top} lead nowhere there.`,
  );
}

// Letters of other scripts that look like Latin ones.
const lookalikes: Record<string, string> = {
  ...{
    а: "a",
    с: "c",
    ԁ: "d",
    е: "e",
    һ: "h",
    і: "i",
    ј: "j",
    ӏ: "l",
    о: "o",
    р: "p",
    ԛ: "q",
    ѕ: "s",
    т: "t",
    у: "y",
    х: "x",
  },
  ...{
    в: "b",
    к: "k",
    м: "m",
    н: "h",
    г: "r",
    п: "n",
    α: "a",
    ε: "e",
    ι: "i",
    κ: "k",
    ν: "v",
    ο: "o",
    ρ: "p",
    τ: "t",
    υ: "u",
    χ: "x",
  },
};

const scripts = [
  "Latin",
  "Cyrillic",
  "Greek",
  "Armenian",
  "Hebrew",
  "Arabic",
  "Cherokee",
  "Coptic",
  "Lisu",
  "Georgian",
] as const;

/** Refuses a label of mixed scripts (Unicode TS 39) and names that look like the platform's. */
function isLookalike(host: string): NameVerdict | undefined {
  const shown = unicodeOf(host);
  const platform = Directory.platformHost();
  for (const each of shown.split(".")) {
    const used = scripts.filter((script) => new RegExp(`\\p{Script=${script}}`, "u").test(each));
    if (used.length > 1)
      return refuse(
        "domain.lookalike",
        `“${each}” mixes ${used.join(" and ")} letters, so it can pass for another name.`,
      );
  }
  const plain = [...shown].map((character) => lookalikes[character] ?? character).join("");
  const reading = skeletonOf(plain.normalize("NFKD").replaceAll(/\p{M}/gu, ""));
  const own = skeletonOf(platform);
  if (!localCloud() && (reading === own || reading.endsWith(`.${own}`)))
    return refuse("domain.lookalike", `“${shown}” reads like ${platform}, so people could take one for the other.`);
  return undefined;
}

const refuse = (code: NameRefusal, reason: string): NameVerdict => ({ ok: false, code, reason });
