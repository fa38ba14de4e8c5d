import { Resolver } from "node:dns/promises";
import { localCloud } from "@lectern/core/kernel/aws";
import type { DomainReason } from "./domain.entity.ts";
import { challengeName, challengeValue, targetOf } from "./proof.ts";

/** What the name servers answer for a host, as seen for one school. */
export interface Finding {
  /** The host points to the edge, and its owner has named this school. */
  readonly isProven: boolean;
  /** False when name servers failed; the caller must not conclude anything then. */
  readonly isCertain: boolean;
  readonly reason?: Extract<DomainReason, "dns_absent" | "dns_elsewhere" | "dns_unproven" | "dns_unreachable" | "caa">;
  /** The host's actual target. */
  readonly found?: string;
  readonly isApex: boolean;
}

const maxHops = 8;
/** Bounds the time that slow name servers occupy a worker. */
const patienceMs = 10_000;
/** The certificate authority's CAA names; any of them permits it. */
const issuers = new Set(["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]);

/** Queries the name servers, for at most ten seconds. */
export async function probe(schoolId: string, host: string): Promise<Finding> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const local = localCloud();
  if (local) resolver.setServers([local.dns]);
  const end = setTimeout(() => resolver.cancel(), patienceMs);
  try {
    const isApex = (await ask(() => resolver.resolveSoa(host), orAlias)) !== undefined;
    const finding = await find(resolver, schoolId, host);
    if (finding.isProven && !(await mayIssue(resolver, host)))
      return { isProven: false, isCertain: true, reason: "caa", isApex };
    return { ...finding, isApex };
  } catch (error) {
    if (!isTrouble(error)) throw error;
    return { isProven: false, isCertain: false, reason: "dns_unreachable", isApex: false };
  } finally {
    clearTimeout(end);
  }
}

async function find(resolver: Resolver, schoolId: string, host: string): Promise<Omit<Finding, "isApex">> {
  const target = targetOf(schoolId, host);
  let at = host;
  let first: string | undefined;
  for (let hop = 0; hop < maxHops; hop++) {
    const [next] = (await ask(() => resolver.resolveCname(at))) ?? [];
    if (next === undefined) break;
    at = next.toLowerCase().replace(/\.$/, "");
    first ??= at;
    if (at === target) return { isProven: true, isCertain: true };
  }
  if (first !== undefined) return { isProven: false, isCertain: true, reason: "dns_elsewhere", found: first };
  return flattened(resolver, schoolId, host, target);
}

/** Accepts a host without a visible CNAME if its addresses are the edge's and a TXT record names the school. */
async function flattened(resolver: Resolver, schoolId: string, host: string, target: string) {
  const [here, there, texts = []] = await Promise.all([
    addresses(resolver, host),
    addresses(resolver, target),
    ask(() => resolver.resolveTxt(challengeName(host))),
  ]);
  if (here.length === 0) return { isProven: false, isCertain: true, reason: "dns_absent" as const };
  const isHere = here.some((address) => there.includes(address));
  const found = here.slice(0, 4).join(", ");
  if (!isHere) return { isProven: false, isCertain: true, reason: "dns_elsewhere" as const, found };
  const isNamed = texts.some((parts) => parts.join("").trim() === challengeValue(schoolId, host));
  return isNamed
    ? { isProven: true, isCertain: true }
    : { isProven: false, isCertain: true, reason: "dns_unproven" as const, found };
}

async function addresses(resolver: Resolver, host: string): Promise<string[]> {
  const [four = [], six = []] = await Promise.all([
    ask(() => resolver.resolve4(host)),
    ask(() => resolver.resolve6(host)),
  ]);
  return [...four, ...six];
}

/** The nearest CAA records up the tree decide who may issue a certificate (RFC 8659). */
async function mayIssue(resolver: Resolver, host: string): Promise<boolean> {
  const labels = host.split(".");
  for (let from = 0; from < labels.length - 1; from++) {
    const name = labels.slice(from).join(".");
    const records = await ask(() => resolver.resolveCaa(name), orAlias);
    if (!records || records.length === 0) continue;
    const allowed = records.flatMap(({ issue }) => (issue === undefined ? [] : [issue.split(";")[0]?.trim() ?? ""]));
    return allowed.length === 0 || allowed.some((name) => issuers.has(name.toLowerCase()));
  }
  return true;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

/** Returns undefined for "no such record", which is a valid answer. */
async function ask<T>(question: () => Promise<T>, none = /^(ENODATA|ENOTFOUND)$/): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (none.test(codeOf(error))) return undefined;
    throw error;
  }
}

/** c-ares reports EBADRESP when the answer to another type consists of a CNAME alone. */
const orAlias = /^(ENODATA|ENOTFOUND|EBADRESP)$/;

/** Name servers are unreachable, slow or inconsistent; the check is retried. */
const isTrouble = (error: unknown): boolean =>
  /^(ESERVFAIL|EREFUSED|ETIMEOUT|ECONNREFUSED|ECANCELLED|EFORMERR|EBADRESP|ENOTIMP|EAI_AGAIN|EOF|EBADNAME)$/.test(
    codeOf(error),
  );
