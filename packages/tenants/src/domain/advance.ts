import * as Inbox from "@lectern/core/house/inbox";
import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, HostItem } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { log } from "@lectern/core/kernel/log";
import * as Audit from "@lectern/core/people/audit";
import { mayStill } from "@lectern/core/people/identity";
import * as Claims from "./claims.ts";
import { ageOf, type Claim, change, inMs, never } from "./claims.ts";
import { probe } from "./dns.ts";
import { DomainItem, type DomainReason, HoldItem } from "./domain.entity.ts";
import { Events } from "./domain.event.ts";
import * as Front from "./front.ts";
import { tenantNameOf } from "./proof.ts";

// State machine of a domain: requested -> dns_ok -> cert_issued -> active, or failed. Each call makes one step. All
// state is in the directory and at CloudFront, so another worker can continue after a crash.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long a claim waits for its record. */
export const giveUpMs = 72 * hour;
/** How long an active domain survives without its record, because providers change and records return. */
const lostMs = 30 * day;
const checksBeforeLost = 3;

/** Steps at which tests kill the process. */
export const steps = [
  "released",
  "proven",
  "held",
  "tenant",
  "attached",
  "issued",
  "served",
  "activated",
  "told",
  "failed",
  "dismantled",
] as const;
type Step = (typeof steps)[number];
export type StepListener = (step: Step) => void | Promise<void>;

/**
 * Makes one step for a domain of the actor's school. Returns when to check again, or undefined when there is nothing to
 * wait for.
 */
export async function advance(host: string, onStep: StepListener = () => {}): Promise<string | undefined> {
  const { schoolId } = useSchool();
  const claim = await Claims.readClaim(schoolId, host);
  if (!claim) return undefined;
  if (claim.releasing) return letGo(claim, onStep);
  if (claim.tell) await tell(claim, claim.tell, onStep);
  await (ageOf(claim.requestedAt) > giveUpMs && isUnderWay(claim)
    ? fail(claim, claim.reason ?? "dns_absent", onStep)
    : stepOf(claim, onStep));
  const next = await Claims.readClaim(schoolId, host);
  return next && next.dueAt !== never ? next.dueAt : undefined;
}

const isUnderWay = ({ state }: Claim): boolean => state !== "active" && state !== "failed";

function stepOf(claim: Claim, onStep: StepListener): Promise<unknown> {
  if (claim.state === "requested") return requested(claim, onStep);
  if (claim.state === "dns_ok") return proven(claim, onStep);
  if (claim.state === "cert_issued") return issued(claim, onStep);
  if (claim.state === "active") return active(claim, onStep);
  return change(claim, { dueAt: never });
}

/** Checks are frequent while the admin is likely to watch, then back off. */
function pauseOf(claim: Claim): number {
  const age = ageOf(claim.requestedAt);
  if (age < 10 * minute) return 30 * second;
  if (age < hour) return 2 * minute;
  return age < 6 * hour ? 10 * minute : 30 * minute;
}

/** CloudFront needs seconds on a local stage and minutes on AWS. */
const workPauseOf = (claim: Claim): number => (ageOf(claim.changedAt) < minute ? second : 30 * second);

const now = () => new Date().toISOString();

async function requested(claim: Claim, onStep: StepListener): Promise<void> {
  const { isProven, reason, found, isApex } = await probe(claim.schoolId, claim.host);
  const seen = { found, isApex: isApex || (claim.isApex ?? false), checkedAt: now() };
  if (!isProven) {
    await change(claim, { ...seen, reason, dueAt: inMs(pauseOf(claim)) });
    return;
  }
  // DNS changes can take days, so the claim ends if the person loses the permission meanwhile.
  if (claim.requestedBy !== "system" && !(await mayStill(claim.requestedBy, "domain.manage"))) {
    await fail(claim, "requester_gone", onStep);
    return;
  }
  await change(claim, { ...seen, state: "dns_ok", reason: undefined, changedAt: now(), dueAt: now() });
  await onStep("proven");
}

async function proven(claim: Claim, onStep: StepListener): Promise<void> {
  const { schoolId, host } = claim;
  const waiting = (reason: DomainReason | undefined, pause = pauseOf(claim)) =>
    change(claim, { reason, checkedAt: now(), dueAt: inMs(pause) });
  const holder = await Claims.take(claim);
  if (holder !== "mine") {
    await waiting(await whyNot(holder.schoolId, host), ageOf(claim.changedAt) < minute ? 2 * second : minute);
    return;
  }
  await onStep("held");
  const name = tenantNameOf(schoolId, host);
  let tenant: Awaited<ReturnType<typeof Front.ensure>>;
  try {
    tenant = await Front.ensure(name, host);
  } catch (error) {
    if (!(error instanceof Front.FrontRefusal)) throw error;
    await waiting(error.reason);
    return;
  }
  // The claim was removed while the tenant was being created, so nothing else would delete that tenant.
  if ((await Claims.readHold(host))?.schoolId !== schoolId) {
    await Claims.orphan(schoolId, host);
    return;
  }
  await onStep("tenant");
  const { status, arn } = await Front.certificate(name);
  if (status === "failed") {
    await fail(claim, "certificate", onStep);
    return;
  }
  if (status === "pending") {
    await waiting(undefined, workPauseOf(claim));
    return;
  }
  await Front.attach(tenant, arn);
  await onStep("attached");
  await change(claim, { state: "cert_issued", reason: undefined, changedAt: now(), dueAt: inMs(second) });
  await onStep("issued");
}

/**
 * Returns why a host that another school holds is refused. If the holder's DNS proof is gone, the holder loses the
 * host, so a domain can change hands.
 */
async function whyNot(holderId: string | undefined, host: string): Promise<DomainReason> {
  if (holderId === undefined) {
    await Claims.dismantle(host);
    return "letting_go";
  }
  const { isProven, isCertain } = await probe(holderId, host);
  if (isProven || !isCertain) return "taken";
  const other = await Claims.readClaim(holderId, host);
  if (other && other.state !== "failed") {
    await change(other, failing("dns_moved"));
    log.info({ host, holder: holderId }, "a domain has changed hands");
  }
  await Claims.release(holderId, host);
  return "letting_go";
}

/** Once the edge serves the host, the host becomes the school's. */
async function issued(claim: Claim, onStep: StepListener): Promise<void> {
  const { schoolId, host } = claim;
  const tenant = await Front.look(tenantNameOf(schoolId, host));
  if (!tenant) {
    await change(claim, { state: "dns_ok", changedAt: now(), dueAt: now() });
    return;
  }
  if (!tenant.isDeployed || !tenant.isServed) {
    await change(claim, { dueAt: inMs(workPauseOf(claim)) });
    return;
  }
  await onStep("served");
  const at = now();
  // Hold, host and claim change in one transaction, so a concurrent removal leaves no host behind.
  const done = await Dynamo.transactDirectory([
    Dynamo.update(
      HoldItem()
        .patch({ host })
        .set({ since: at })
        .where(({ schoolId: holder, state }, { eq }) => `${eq(holder, schoolId)} AND ${eq(state, "held")}`),
    ),
    Dynamo.put(
      HostItem()
        .put({ host, schoolId })
        .where(({ schoolId: holder }, { eq, notExists }) => `${notExists(holder)} OR ${eq(holder, schoolId)}`),
    ),
    Dynamo.update(
      DomainItem()
        .patch({ schoolId, host })
        .set({ state: "active", changedAt: at, checkedAt: at, dueAt: at, tell: `active ${at}` })
        .remove(["reason", "found", "missing", "lostAt"])
        .where(({ state, releasing }, { eq, notExists }) => `${eq(state, "cert_issued")} AND ${notExists(releasing)}`),
    ),
  ]);
  if (done === "refused") {
    await change(claim, { dueAt: inMs(2 * second) });
    return;
  }
  Directory.forget(schoolId);
  log.info({ host }, "a school's own domain is active");
  await onStep("activated");
  const told = await Claims.readClaim(schoolId, host);
  if (told?.tell) await tell(told, told.tell, onStep);
}

/** Checks once a day that the host still points here. Three failures in a row count; one may be a glitch. */
async function active(claim: Claim, onStep: StepListener): Promise<void> {
  const { isProven, isCertain, found } = await probe(claim.schoolId, claim.host);
  const checkedAt = now();
  if (isProven && !(await Front.look(tenantNameOf(claim.schoolId, claim.host)))) {
    // Someone deleted the tenant by hand; the directory's state is restored.
    log.warn({ host: claim.host }, "the tenant of an active domain is gone");
    const anew = { requestedAt: checkedAt, changedAt: checkedAt };
    await change(claim, { ...anew, state: "dns_ok", checkedAt, dueAt: checkedAt });
    return;
  }
  if (isProven) {
    const clean = { missing: undefined, lostAt: undefined, reason: undefined, found: undefined };
    await change(claim, { ...clean, checkedAt, dueAt: inMs(day) });
    return;
  }
  if (!isCertain) {
    await change(claim, { checkedAt, dueAt: inMs(hour) });
    return;
  }
  const missing = (claim.missing ?? 0) + 1;
  if (missing < checksBeforeLost) {
    await change(claim, { missing, checkedAt, dueAt: inMs(10 * minute) });
    return;
  }
  if (claim.lostAt && ageOf(claim.lostAt) > lostMs) {
    await fail(claim, "dns_moved", onStep);
    return;
  }
  const lost = { missing, found, reason: "dns_moved" as const, checkedAt, dueAt: inMs(6 * hour) };
  if (claim.lostAt) await change(claim, lost);
  else await change(claim, { ...lost, lostAt: checkedAt, tell: `lost ${checkedAt}`, dueAt: checkedAt });
}

const failing = (reason: DomainReason) => {
  const at = now();
  return { state: "failed", reason, changedAt: at, dueAt: at, tell: `failed ${at}`, releasing: true } as const;
};

/** Fails the domain, schedules the release of its resources and notifies the school. */
async function fail(claim: Claim, reason: DomainReason, onStep: StepListener): Promise<void> {
  if (!(await change(claim, failing(reason)))) return;
  log.info({ host: claim.host, reason }, "a school's own domain is given up");
  await onStep("failed");
}

async function letGo(claim: Claim, onStep: StepListener): Promise<string | undefined> {
  const { schoolId, host } = claim;
  await Claims.release(schoolId, host);
  await onStep("released");
  if (claim.removed) {
    await DomainItem().delete({ schoolId, host }).go();
    await Claims.dismantle(host);
    await onStep("dismantled");
    return undefined;
  }
  await change(claim, { releasing: undefined, dueAt: now() });
  return now();
}

/** Writes the audit entry and event once for each change of state, however often it runs, then clears the marker. */
async function tell(claim: Claim, turn: string, onStep: StepListener): Promise<void> {
  const { host } = claim;
  const to = (["active", "failed", "lost"] as const).find((each) => turn.startsWith(`${each} `));
  if (to)
    await Inbox.once("domain-told", { id: `${host} ${turn}` }, async () => {
      await Audit.record({
        action: `domain.${to}`,
        targetType: "domain",
        targetId: host,
        ...(claim.reason && { data: { reason: claim.reason } }),
      });
      await Events.Turned.emit({ host, to });
    });
  await Claims.unlessRefused(() =>
    DomainItem()
      .patch({ schoolId: claim.schoolId, host })
      .remove(["tell"])
      .where(({ tell: told }, { eq }) => eq(told, turn))
      .go(),
  );
  await onStep("told");
}
