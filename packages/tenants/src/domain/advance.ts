import * as Audit from "@lectern/core/audit";
import { mayStill } from "@lectern/core/identity";
import * as Inbox from "@lectern/core/inbox";
import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, HostItem } from "@lectern/core/kernel/directory";
import { Dynamo } from "@lectern/core/kernel/dynamo";
import { log } from "@lectern/core/kernel/log";
import * as Claims from "./claims.ts";
import { ageOf, type Claim, change, inMs, never } from "./claims.ts";
import { probe } from "./dns.ts";
import { DomainItem, type DomainReason, HoldItem } from "./domain.entity.ts";
import { Events } from "./domain.event.ts";
import * as Front from "./front.ts";
import { tenantNameOf } from "./proof.ts";

// How a domain gets on: requested -> dns_ok -> cert_issued -> active, or failed. Each call takes one step. Nothing is
// remembered between steps but what stands in the directory and at CloudFront, so whoever dies anywhere is replaced by the next.

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Nobody waits longer than this for a record to appear. */
export const giveUpMs = 72 * hour;
/** An active domain that leads elsewhere is kept this long: providers are changed, records come back. */
const lostMs = 30 * day;
const checksBeforeLost = 3;

/** The steps at which tests end the process. */
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
 * Moves one domain of the actor's school one step on. Answers when it wants to be looked at again; undefined when there is
 * nothing to wait for.
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

/** Looked at often while somebody sits in front of it, then less and less. */
function pauseOf(claim: Claim): number {
  const age = ageOf(claim.requestedAt);
  if (age < 10 * minute) return 30 * second;
  if (age < hour) return 2 * minute;
  return age < 6 * hour ? 10 * minute : 30 * minute;
}

/** CloudFront works on it: seconds on a local stage, minutes on AWS. */
const workPauseOf = (claim: Claim): number => (ageOf(claim.changedAt) < minute ? second : 30 * second);

const now = () => new Date().toISOString();

async function requested(claim: Claim, onStep: StepListener): Promise<void> {
  const { isProven, reason, found, isApex } = await probe(claim.schoolId, claim.host);
  const seen = { found, isApex: isApex || (claim.isApex ?? false), checkedAt: now() };
  if (!isProven) {
    await change(claim, { ...seen, reason, dueAt: inMs(pauseOf(claim)) });
    return;
  }
  // Records are set at leisure: a claim must not outlive the right to make it.
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
  // Removed while it was being made: nobody would ever take it down.
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
 * Another school stands in the way. It is asked for its own proof this moment: who no longer has it gives way, so nobody
 * keeps a name that has changed hands.
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

/** The certificate is there: once the edge serves the name, it is the school's host. */
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
  // Hold, host and claim together or none: a removal meanwhile leaves no host behind.
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

/** Once a day: does it still lead here? One answer proves nothing, three in a row do. */
async function active(claim: Claim, onStep: StepListener): Promise<void> {
  const { isProven, isCertain, found } = await probe(claim.schoolId, claim.host);
  const checkedAt = now();
  if (isProven && !(await Front.look(tenantNameOf(claim.schoolId, claim.host)))) {
    // Deleted by hand: what the records still say is made true again.
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

/** Given up: what it holds is let go next, and the school is told. */
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

/** Audit entry and event, once for each turn, however often it is begun; then the turn is told. */
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
