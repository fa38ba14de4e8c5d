import { Actor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { advance } from "./advance.ts";
import * as Claims from "./claims.ts";
import { DomainItem, HoldItem } from "./domain.entity.ts";

const minute = 60_000;
const atOnce = 4;

/** Advances a domain for at most `forMs`, for an admin who watches. The schedule continues later. */
export async function follow(host: string, forMs: number): Promise<void> {
  const until = Date.now() + forMs;
  for (;;) {
    const dueAt = await advance(host);
    const claim = await Claims.readClaim(Actor.useSchool().schoolId, host);
    if (!dueAt || !claim || claim.state === "requested" || claim.state === "failed") return;
    const wait = Math.max(Date.parse(dueAt) - Date.now(), 0);
    if (wait > 5_000 || Date.now() + wait > until) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Deletes released tenants for at most `forMs`. */
export async function takeDown(host: string, forMs: number): Promise<void> {
  const { schoolId } = Actor.useSchool();
  await advance(host);
  const until = Date.now() + forMs;
  while ((await Claims.readHold(host))?.state === "letting_go" && !(await Claims.dismantle(host))) {
    if (Date.now() + 1_000 > until) return;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  log.info({ host, schoolId }, "a school's own domain is removed");
}

export interface Turn {
  /** Domains with correct DNS that are not active after hours, and tenants that cannot be deleted. */
  readonly stuck: number;
}

/** With correct DNS a domain is active within minutes; after this time the fault is ours. */
const stuckMs = 2 * 60 * minute;

/**
 * Advances due domains of all schools or of one, the oldest first; the rest waits for the next run. A failure is logged
 * and does not stop other domains.
 */
export async function advanceDue({
  forMs = minute,
  schoolId,
}: {
  forMs?: number;
  schoolId?: string;
} = {}): Promise<Turn> {
  const until = Date.now() + forMs;
  const { data } = await DomainItem()
    .query.due({})
    .lte({ dueAt: new Date().toISOString() })
    .go({ pages: "all", limit: 500 });
  const due = schoolId === undefined ? data : data.filter((claim) => claim.schoolId === schoolId);
  let failures = 0;
  let stuck = 0;
  const one = async (claim: Claims.Claim) => {
    try {
      await turn(claim);
    } catch (err) {
      failures += 1;
      log.error({ err, host: claim.host, schoolId: claim.schoolId }, "a domain was not moved on");
      await later(claim, 5 * minute);
    }
    const isOurs = claim.state === "dns_ok" || claim.state === "cert_issued";
    if (isOurs && !claim.reason && Claims.ageOf(claim.changedAt) > stuckMs) stuck += 1;
  };
  for (let at = 0; at < due.length && Date.now() < until; at += atOnce)
    await Promise.all(due.slice(at, at + atOnce).map(one));

  const { data: going } = await HoldItem().query.byState({ state: "letting_go" }).go({ pages: "all", limit: 500 });
  for (const { host, since } of going) {
    try {
      if (!(await Claims.dismantle(host)) && Claims.ageOf(since) > stuckMs) stuck += 1;
    } catch (err) {
      failures += 1;
      log.error({ err, host }, "a tenant was not taken down");
    }
  }
  if (failures > 0) throw new Error(`${failures} domains were not moved on`);
  return { stuck };
}

async function turn(claim: Claims.Claim): Promise<void> {
  const { schoolId, host } = claim;
  const school = await Directory.bySchool(schoolId);
  if (!school || school.state === "deleting") {
    // The worker that erased the school died midway.
    await Claims.release(schoolId, host);
    await DomainItem().delete({ schoolId, host }).go();
    return;
  }
  // A suspended school keeps its domains but starts no new ones.
  if (school.state !== "active") return later(claim, 60 * minute);
  const requestId = createId("request");
  await Actor.withActor({ type: "system", school, reason: "advance-domains", requestId }, () => advance(host));
}

const later = async (claim: Claims.Claim, ms: number): Promise<void> =>
  void (await Claims.unlessRefused(() =>
    DomainItem()
      .patch({ schoolId: claim.schoolId, host: claim.host })
      .set({ dueAt: Claims.inMs(ms) })
      .go(),
  ));
