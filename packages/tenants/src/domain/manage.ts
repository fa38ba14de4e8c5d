import { Actor, useSchool } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { hostUrl } from "@lectern/core/kernel/url";
import * as Audit from "@lectern/core/people/audit";
import { settingTable } from "@lectern/core/people/settings/settings.sql";
import { sql } from "drizzle-orm";
import * as z from "zod";
import * as Claims from "./claims.ts";
import { DomainItem, domainReasons, domainStates } from "./domain.entity.ts";
import { Events } from "./domain.event.ts";
import { checkName, namedOf, unicodeOf } from "./name.ts";
import { looksApex, recordsFor } from "./proof.ts";
import { wordsFor } from "./words.ts";

/** Enough for an old and a new name and a few departments. */
export const maxPerSchool = 5;

export const Info = z.object({
  /** ASCII form. */
  host: z.string(),
  /** Unicode form. */
  unicode: z.string(),
  state: z.enum(domainStates),
  /** Why the domain is blocked or failed. */
  reason: z.enum(domainReasons).nullable(),
  message: z.string().nullable(),
  /** DNS records to set. */
  records: z.array(z.object({ type: z.enum(["CNAME", "ALIAS", "TXT"]), name: z.string(), value: z.string() })),
  /** Alternative records for an apex, where CNAME is not allowed. */
  apexRecords: z.array(z.object({ type: z.enum(["CNAME", "ALIAS", "TXT"]), name: z.string(), value: z.string() })),
  isApex: z.boolean(),
  /** The school's address once the domain is active. */
  url: z.string().nullable(),
  requestedBy: z.string(),
  /** ISO instants. */
  requestedAt: z.string(),
  changedAt: z.string(),
  checkedAt: z.string().nullable(),
  /** When an active domain began to point elsewhere. */
  lostAt: z.string().nullable(),
});
export type Info = z.infer<typeof Info>;

// As typed; checkName validates it, and an unknown host is not found.
const Named = z.object({ host: z.string().max(500) });

const toInfo = (claim: Claims.Claim): Info => {
  const { schoolId, host } = claim;
  const isApex = claim.isApex ?? looksApex(host);
  return {
    host,
    unicode: unicodeOf(host),
    state: claim.state,
    reason: claim.reason ?? null,
    message: claim.reason ? wordsFor(claim.reason, host, claim.found) : null,
    records: [...recordsFor(schoolId, host, isApex)],
    apexRecords: [...recordsFor(schoolId, host, true)],
    isApex,
    url: claim.state === "active" ? hostUrl(host) : null,
    requestedBy: claim.requestedBy,
    requestedAt: claim.requestedAt,
    changedAt: claim.changedAt,
    checkedAt: claim.checkedAt ?? null,
    lostAt: claim.lostAt ?? null,
  };
};

/** The school's own domains, by name. */
export const list = fn.any("domain.manage", z.object({}).prefault({}), async (): Promise<{ items: Info[] }> => {
  const claims = await Claims.claimsOf(useSchool().schoolId);
  return { items: claims.filter(({ removed }) => !removed).map(toInfo) };
});

/**
 * Claims a host for the school. A DNS proof makes it the school's; a claim does not keep others from proving the same
 * host.
 * @throws domain.exists, domain.too_many, and checkName's code for a name that cannot be a school's
 */
export const add = fn.any("domain.manage", Named, async ({ host: input }): Promise<Info> => {
  const name = checkName(input);
  if (!name.ok) throw new DomainError("invalid", name.code, name.reason, { host: name.reason });
  const { schoolId } = useSchool();
  const { host } = name;
  await Db.use(async (tx) => {
    // Serializes adds within a school, since two at once would both count four. It locks a table, because the school
    // may have no row to lock and an advisory lock would pin the proxy's connection.
    await tx.execute(sql`lock table ${settingTable} in share row exclusive mode`);
    const known = await Claims.claimsOf(schoolId);
    if (known.some((each) => each.host === host && !each.removed)) throw exists(host);
    if (known.filter(({ removed }) => !removed).length >= maxPerSchool) throw tooMany();
    await Audit.record({ action: "domain.added", targetType: "domain", targetId: host });
    await Events.Requested.emit({ host });
    // Before the commit, so that a refused claim leaves neither audit entry nor event. If the commit fails, the
    // schedule finds the claim.
    if (!(await claim(schoolId, host, requester()))) throw exists(host);
  });
  return toInfo(await claimOf(schoolId, host));
});

/** Returns the person whose permission the claim depends on until its proof. */
function requester(): string {
  const actor = Actor.useActor();
  return actor.type === "user" ? actor.userId : "system";
}

/** Writes the claim; returns false if it exists. */
export function claim(schoolId: string, host: string, requestedBy = "system"): Promise<boolean> {
  const at = new Date().toISOString();
  return Claims.unlessRefused(() =>
    DomainItem()
      .create({ schoolId, host, requestedBy, state: "requested", requestedAt: at, changedAt: at, dueAt: at })
      .go(),
  );
}

/** Has a domain looked at now; one that was given up begins anew. */
export const check = fn.any("domain.manage", Named, async ({ host: input }): Promise<Info> => {
  const { schoolId } = useSchool();
  const known = await claimOf(schoolId, nameOf(input));
  const { host } = known;
  const at = new Date().toISOString();
  const requestedBy = requester();
  await Db.use(async () => {
    if (known.state === "failed")
      await Audit.record({ action: "domain.retried", targetType: "domain", targetId: host });
    await Events.Requested.emit({ host });
    await Claims.change(
      known,
      known.state === "failed"
        ? {
            state: "requested",
            requestedBy,
            reason: undefined,
            found: undefined,
            requestedAt: at,
            changedAt: at,
            dueAt: at,
          }
        : { dueAt: at },
    );
  });
  return toInfo(await claimOf(schoolId, host));
});

/** Releases a domain: frees the host at once; the edge's copy is removed within minutes. */
export const remove = fn.any("domain.manage", Named, async ({ host: input }): Promise<void> => {
  const { schoolId } = useSchool();
  const { host } = await claimOf(schoolId, nameOf(input));
  await Db.use(async () => {
    await Audit.record({ action: "domain.removed", targetType: "domain", targetId: host });
    await Events.Removed.emit({ host });
    await dropClaim(schoolId, host);
  });
  await Claims.release(schoolId, host);
});

/** From here on, any worker that finds the claim continues its release. */
const dropClaim = (schoolId: string, host: string): Promise<unknown> =>
  Claims.unlessRefused(() =>
    DomainItem()
      .patch({ schoolId, host })
      .set({ removed: true, releasing: true, dueAt: new Date().toISOString() })
      .go(),
  );

/**
 * Releases every domain of a school that is being erased. The tenants' holds stay in the directory without the school's
 * id until the schedule has deleted them.
 */
export async function releaseAll(schoolId: string): Promise<void> {
  for (const { host } of await Claims.claimsOf(schoolId)) {
    await dropClaim(schoolId, host);
    await Claims.release(schoolId, host);
    await DomainItem().delete({ schoolId, host }).go();
  }
}

/** Throws `domain.not_found` for names that cannot exist, as for unknown ones. */
const nameOf = (input: string): string => {
  const name = checkName(input);
  return name.ok ? name.host : "";
};

async function claimOf(schoolId: string, host: string): Promise<Claims.Claim> {
  const claim = host === "" ? undefined : await Claims.readClaim(schoolId, host);
  if (!claim || claim.removed)
    throw new DomainError("not_found", "domain.not_found", "This school has not entered that domain.");
  return claim;
}

const tooMany = (): DomainError =>
  new DomainError(
    "conflict",
    "domain.too_many",
    `A school has at most ${maxPerSchool} domains of its own. Remove one first.`,
    { host: "Too many domains." },
  );

const exists = (host: string): DomainError =>
  new DomainError("conflict", "domain.exists", `${namedOf(host)} is in your list already.`, {
    host: "Already there.",
  });

/** Returns the claim as the school sees it, for pages and mails; undefined if there is none. */
export async function read(host: string): Promise<Info | undefined> {
  const claim = await Claims.readClaim(useSchool().schoolId, host);
  return claim && !claim.removed ? toInfo(claim) : undefined;
}
