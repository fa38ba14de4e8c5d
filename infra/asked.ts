import { platformLegal, variables } from "../packages/core/src/people/legal/platform.ts";

/**
 * Settings of this deployment's operator, passed as variables. The pipeline hands them to the next deployment
 * (`handedOn`); GitHub's variables do the same there. A test compares docs/deploy.md with this list.
 */
export const askedNames = [
  "LECTERN_DOMAIN",
  "LECTERN_CONTENT_DOMAIN",
  "LECTERN_ZONE",
  "LECTERN_CONTENT_ZONE",
  "LECTERN_ALERTS",
  "LECTERN_ALERTS_ERRORS",
  "LECTERN_ALERTS_PERFORMANCE",
  "LECTERN_ALERTS_CRITICAL",
  "LECTERN_CANARY_SCHOOL",
  "LECTERN_CONTACT",
  "LECTERN_COST_MONITOR",
  "LECTERN_FLAGS",
  "LECTERN_IMPRINT",
  "LECTERN_PRIVACY",
  "LECTERN_REPOSITORY",
  "LECTERN_SMS_USD",
  "LECTERN_STAGING_ROLE",
  "LECTERN_TERMS",
  "LECTERN_TOOLS_ACCOUNT",
] as const;
export type AskedName = (typeof askedNames)[number];

export const asked = (name: AskedName): string | undefined => process.env[name] || undefined;

export const domainAsked = (): string => asked("LECTERN_DOMAIN") ?? "lectern.example";
export const contentDomainAsked = (): string => asked("LECTERN_CONTENT_DOMAIN") ?? "lectern-content.example";

/** Refuses placeholder domains on stages that serve real people. Throws what is missing. */
export function requireAsked(): void {
  const missing = (["LECTERN_DOMAIN", "LECTERN_CONTENT_DOMAIN"] as const).filter((name) => !asked(name));
  if (missing.length > 0) throw new Error(`${missing.join(" and ")} must be set: see docs/deploy.md, "Domain"`);
}

/** Returns the operator's legal pages and contact. Throws on an invalid address. */
export const legalAsked = () => platformLegal(asked);

/** Lists the legal pages that production lacks, one sentence each; pages link only to configured ones. */
export const legalMissing = (): string[] =>
  Object.entries(variables).flatMap(([page, name]) =>
    asked(name) ? [] : [`${name} is not set: no page links to the platform's ${page} (docs/deploy.md, "Legal pages")`],
  );

const shared: readonly AskedName[] = [
  "LECTERN_DOMAIN",
  "LECTERN_CONTENT_DOMAIN",
  "LECTERN_ALERTS",
  "LECTERN_ALERTS_ERRORS",
  "LECTERN_ALERTS_PERFORMANCE",
  "LECTERN_ALERTS_CRITICAL",
  "LECTERN_CANARY_SCHOOL",
  "LECTERN_CONTACT",
  "LECTERN_IMPRINT",
  "LECTERN_PRIVACY",
  "LECTERN_REPOSITORY",
  "LECTERN_SMS_USD",
  "LECTERN_TERMS",
];

/**
 * Returns the variables of a step of production's pipeline. Production gets this deployment's values. Staging shares
 * its domain and receivers; with its own account (`LECTERN_STAGING_ROLE`) it writes to its own zones and trusts
 * production's account.
 */
export function handedOn(step: string, account: string): Readonly<Record<string, string>> {
  const some = (names: readonly AskedName[]) =>
    Object.fromEntries(names.flatMap((name) => (asked(name) ? [[name, asked(name) ?? ""]] : [])));
  const domains = { LECTERN_DOMAIN: domainAsked(), LECTERN_CONTENT_DOMAIN: contentDomainAsked() };
  if (step === "production") return { ...some(askedNames), ...domains };
  if (step === "load") return domains;
  if (step !== "staging") return {};
  const role = asked("LECTERN_STAGING_ROLE");
  const apart = {
    LECTERN_DEPLOY_ROLE: role ?? "",
    LECTERN_TOOLS_ACCOUNT: account,
    LECTERN_ZONE: `staging.${domains.LECTERN_DOMAIN}`,
    LECTERN_CONTENT_ZONE: `staging.${domains.LECTERN_CONTENT_DOMAIN}`,
  };
  return { ...some(shared), ...domains, ...(role && apart) };
}
