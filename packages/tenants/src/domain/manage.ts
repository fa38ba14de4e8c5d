import * as Audit from "@lectern/core/audit";
import { settingTable } from "@lectern/core/identity/identity.sql";
import { Actor, useSchool } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { hostUrl } from "@lectern/core/kernel/url";
import { sql } from "drizzle-orm";
import * as z from "zod";
import * as Claims from "./claims.ts";
import { DomainItem, domainReasons, domainStates } from "./domain.entity.ts";
import { Events } from "./domain.event.ts";
import { checkName, namedOf, unicodeOf } from "./name.ts";
import { looksApex, recordsFor } from "./proof.ts";
import { wordsFor } from "./words.ts";

/** Enough for an old name beside a new one, and a few faculties. */
export const maxPerSchool = 5;

export const Info = z.object({
  /** As name servers know it, in ASCII. */
  host: z.string(),
  /** As people read it. */
  unicode: z.string(),
  state: z.enum(domainStates),
  /** Why it does not get on, or why it was given up. */
  reason: z.enum(domainReasons).nullable(),
  message: z.string().nullable(),
  /** What to set at the DNS provider. */
  records: z.array(z.object({ type: z.enum(["CNAME", "ALIAS", "TXT"]), name: z.string(), value: z.string() })),
  /** The same for a name at which no CNAME can stand. */
  apexRecords: z.array(z.object({ type: z.enum(["CNAME", "ALIAS", "TXT"]), name: z.string(), value: z.string() })),
  isApex: z.boolean(),
  /** Where the school is found once it is active. */
  url: z.string().nullable(),
  requestedBy: z.string(),
  /** ISO instants. */
  requestedAt: z.string(),
  changedAt: z.string(),
  checkedAt: z.string().nullable(),
  /** Active, but its records lead elsewhere since then. */
  lostAt: z.string().nullable(),
});
export type Info = z.infer<typeof Info>;

// As it was typed: what it means is decided by checkName, and an unknown one is simply not found.
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
 * Claims a name for the school. It becomes the school's when the name servers prove it, and keeps nobody else from proving
 * the same name. 422 with the reason for what is no name of a school's own; 409 `domain.exists`, `domain.too_many`.
 */
export const add = fn.any("domain.manage", Named, async ({ host: input }): Promise<Info> => {
  const name = checkName(input);
  if (!name.ok) throw new DomainError("invalid", name.code, name.reason, { host: name.reason });
  const { schoolId } = useSchool();
  const { host } = name;
  await Db.use(async (tx) => {
    // One after the other within the school: two at once would both count four. A table, because a school may have no row to
    // lock, and an advisory lock would keep the proxy from sharing the connection.
    await tx.execute(sql`lock table ${settingTable} in share row exclusive mode`);
    const known = await Claims.claimsOf(schoolId);
    if (known.some((each) => each.host === host && !each.removed)) throw exists(host);
    if (known.filter(({ removed }) => !removed).length >= maxPerSchool) throw tooMany();
    await Audit.record({ action: "domain.added", targetType: "domain", targetId: host });
    await Events.Requested.emit({ host });
    // Before the commit: when it is refused, neither the trail nor the event tells of a claim. A claim whose commit failed is
    // found by the schedule.
    if (!(await claim(schoolId, host, requester()))) throw exists(host);
  });
  return toInfo(await claimOf(schoolId, host));
});

/** Who answers for the claim until it is proved. */
function requester(): string {
  const actor = Actor.useActor();
  return actor.type === "user" ? actor.userId : "system";
}

/** Writes the claim itself; false when it is there already. */
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

/** Lets a domain go: the host is nobody's at once, what the edge knows of it is taken down within minutes. */
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

/** From here on only letting go is left, whoever comes across it. */
const dropClaim = (schoolId: string, host: string): Promise<unknown> =>
  Claims.unlessRefused(() =>
    DomainItem()
      .patch({ schoolId, host })
      .set({ removed: true, releasing: true, dueAt: new Date().toISOString() })
      .go(),
  );

/**
 * Lets every domain of a school go that is being erased. What CloudFront still has of them stays in the directory without a
 * word of the school, until the schedule has taken it down.
 */
export async function releaseAll(schoolId: string): Promise<void> {
  for (const { host } of await Claims.claimsOf(schoolId)) {
    await dropClaim(schoolId, host);
    await Claims.release(schoolId, host);
    await DomainItem().delete({ schoolId, host }).go();
  }
}

/** A name that cannot be one is nobody's: not found, like any other. */
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

/** For pages and mails: the claim as the school sees it, undefined when there is none. */
export async function read(host: string): Promise<Info | undefined> {
  const claim = await Claims.readClaim(useSchool().schoolId, host);
  return claim && !claim.removed ? toInfo(claim) : undefined;
}
