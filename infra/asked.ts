import { platformLegal, variables } from "../packages/core/src/legal/platform.ts";

/**
 * What whoever deploys says of their own: by variables, because the code is everybody's. The pipeline says to the next
 * deployment what this one was told (`handedOn`), so that none of it is forgotten; GitHub's variables do the same there.
 * What docs/deploy.md says of each is compared with this list by a test.
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

/** What was said of it, if anything was: a variable that GitHub has no value for is there and empty. */
export const asked = (name: AskedName): string | undefined => process.env[name] || undefined;

export const domainAsked = (): string => asked("LECTERN_DOMAIN") ?? "lectern.example";
export const contentDomainAsked = (): string => asked("LECTERN_CONTENT_DOMAIN") ?? "lectern-content.example";

/**
 * Refuses to go on with the domains that stand in for real ones where nobody pays for a mistake. Throws what is missing.
 */
export function requireAsked(): void {
  const missing = (["LECTERN_DOMAIN", "LECTERN_CONTENT_DOMAIN"] as const).filter((name) => !asked(name));
  if (missing.length > 0) throw new Error(`${missing.join(" and ")} must be set: see docs/deploy.md, "Domain"`);
}

/** The legal pages and the contact of this deployment's operator. Throws on one that is no address. */
export const legalAsked = () => platformLegal(asked);

/** What production's visitors will not find, one sentence each: nothing links to a page that nobody named. */
export const legalMissing = (): string[] =>
  Object.entries(variables).flatMap(([page, name]) =>
    asked(name) ? [] : [`${name} is not set: no page links to the platform's ${page} (docs/deploy.md, "Legal pages")`],
  );

/** Both stages are told these alike. */
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
 * The variables of a step of production's pipeline. Production is told what this deployment of it was told. Staging has the
 * same domain and the same people; in an account of its own (`LECTERN_STAGING_ROLE`) it writes into zones of its own, and
 * trusts production's account.
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
