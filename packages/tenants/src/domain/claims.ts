import { Directory, HostItem } from "@lectern/core/kernel/directory";
import { DomainItem, type DomainReason, type DomainState, HoldItem } from "./domain.entity.ts";
import * as Front from "./front.ts";
import { tenantNameOf } from "./proof.ts";

// Reads and writes claims and holds. Every write is conditional, so two workers at one domain cannot undo each other's
// steps.

export type Claim = NonNullable<Awaited<ReturnType<typeof readClaim>>>;

const consistent = { consistent: true } as const;
/** `dueAt` of claims that the schedule skips. */
export const never = "9999-12-31T00:00:00.000Z";
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
export const ageOf = (instant: string): number => Date.now() - Date.parse(instant);

export const readClaim = async (schoolId: string, host: string) =>
  (await DomainItem().get({ schoolId, host }).go(consistent)).data ?? undefined;

export const claimsOf = async (schoolId: string): Promise<Claim[]> =>
  (
    await DomainItem()
      .query.bySchool({ schoolId })
      .go({ ...consistent, pages: "all" })
  ).data;

export const readHold = async (host: string) => (await HoldItem().get({ host }).go(consistent)).data ?? undefined;

/** Returns whether a conditional write failed on its condition. */
export const isRefused = (error: unknown): boolean => {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at.name === "ConditionalCheckFailedException" || /conditional request failed/i.test(at.message)) return true;
  return false;
};

export async function unlessRefused<T>(write: () => Promise<T>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

interface Change {
  readonly state?: DomainState;
  readonly reason?: DomainReason | undefined;
  readonly found?: string | undefined;
  readonly isApex?: boolean;
  readonly requestedAt?: string;
  readonly requestedBy?: string;
  readonly changedAt?: string;
  readonly checkedAt?: string;
  readonly missing?: number | undefined;
  readonly lostAt?: string | undefined;
  readonly tell?: string | undefined;
  readonly releasing?: boolean | undefined;
  readonly removed?: boolean;
  readonly dueAt?: string;
}

/**
 * Changes a claim if it is unchanged since it was read; fields that are undefined are removed. Returns false if it
 * changed or is being released; the caller then starts over.
 */
export function change(claim: Claim, to: Change): Promise<boolean> {
  const entries = Object.entries(to);
  const set = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  const gone = entries.filter(([, value]) => value === undefined).map(([name]) => name as "reason");
  return unlessRefused(() => {
    const patch = DomainItem().patch({ schoolId: claim.schoolId, host: claim.host }).set(set);
    const whole = gone.length > 0 ? patch.remove(gone) : patch;
    return whole
      .where(
        ({ state, requestedAt, removed }, { eq, notExists }) =>
          `${eq(state, claim.state)} AND ${eq(requestedAt, claim.requestedAt)} AND ${notExists(removed)}`,
      )
      .go();
  });
}

/** Makes the school the holder of the host, or returns the current holder. Only the holder's tenant may be changed. */
export async function take(claim: Claim): Promise<"mine" | { schoolId: string | undefined }> {
  const { schoolId, host } = claim;
  const taken = await unlessRefused(() =>
    HoldItem()
      .create({ host, schoolId, tenant: tenantNameOf(schoolId, host), state: "held", since: new Date().toISOString() })
      .go(),
  );
  if (taken) return "mine";
  const hold = await readHold(host);
  return hold?.state === "held" && hold.schoolId === schoolId ? "mine" : { schoolId: hold?.schoolId };
}

/**
 * Releases all resources of a domain except its claim. The host stops being the school's at once; `dismantle` deletes
 * the tenant later. Idempotent.
 */
export async function release(schoolId: string, host: string): Promise<void> {
  await unlessRefused(() =>
    HostItem()
      .remove({ host })
      .where(({ schoolId: holder }, { eq }) => eq(holder, schoolId))
      .go(),
  );
  Directory.forget(schoolId);
  await unlessRefused(() =>
    HoldItem()
      .patch({ host })
      .set({ state: "letting_go", since: new Date().toISOString() })
      .remove(["schoolId"])
      .where(({ schoolId: holder }, { eq }) => eq(holder, schoolId))
      .go(),
  );
}

/** Makes one step of deleting a tenant without a holder. Returns true when it is deleted. */
export async function dismantle(host: string): Promise<boolean> {
  const hold = await readHold(host);
  if (!hold) return true;
  if (hold.state !== "letting_go") return false;
  if (!(await Front.dismantle(hold.tenant))) return false;
  return unlessRefused(() =>
    HoldItem()
      .remove({ host })
      .where(({ state, tenant }, { eq }) => `${eq(state, "letting_go")} AND ${eq(tenant, hold.tenant)}`)
      .go(),
  );
}

/** Marks a tenant for deletion whose hold was released while it was being created. */
export async function orphan(schoolId: string, host: string): Promise<void> {
  await unlessRefused(() =>
    HoldItem()
      .create({ host, tenant: tenantNameOf(schoolId, host), state: "letting_go", since: new Date().toISOString() })
      .go(),
  );
}
