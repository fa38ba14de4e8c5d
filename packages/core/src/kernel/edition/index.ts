import { Resource } from "sst";
import { putKeys } from "../aws/key-value-store.ts";
import { rememberMs } from "../directory/index.ts";
import { EditionItem } from "./edition.entity.ts";

// A host's edition is part of the key of its cached pages, so a new edition invalidates all pages of this host only
// (docs/adr/0010-pages-at-the-edge.md).

/** The key of a host's edition in the edge's store, as infra/edge.ts asks for it. */
export const keyOf = (host: string): string => `edition:${host.toLowerCase()}`;

/** A school has at most one invalidation in each span: an hour of editing is a few writes a minute, not hundreds. */
const spanMs = 15_000;
/** Between what a queue says of the time and what we do. */
const slackMs = 1_000;

const nextSpan = (at: number): number => (Math.floor(at / spanMs) + 1) * spanMs;
const isSameSpan = (a: number, b: number): boolean => Math.floor(a / spanMs) === Math.floor(b / spanMs);

interface Change {
  readonly schoolId: string;
  /** Epoch milliseconds: when what visitors see had certainly changed. */
  readonly changedAt: number;
  /** The school's route changed (name, look, state...), which processes go on with for a while. */
  readonly isOfRoute: boolean;
  readonly hosts: () => Promise<readonly string[]>;
  /** False for a school that is gone: then nothing is written down of it. */
  readonly isRemembered?: boolean;
}

/**
 * Invalidates a school's cached pages after a change: at once, and after a change of route again once no process can
 * use the former route. Until then a page of the new edition may be rendered and cached with the old name or colors.
 * Concurrent changes share invalidations: the first is published at once, the others at the next quarter of a minute.
 * @returns the milliseconds after which to call again for this change, 0 when it is done
 */
export const follow = (change: Change): Promise<number> =>
  // One after the other, so that the second of two neighbours finds its work done.
  inTurn(`school ${change.schoolId}`, async () => {
    const { schoolId, changedAt, isOfRoute, isRemembered = true } = change;
    const moved = await lastMove(schoolId);
    const now = Date.now();
    const due = isOfRoute ? nextSpan(changedAt + rememberMs + slackMs) : changedAt;
    if (moved >= due) return 0;
    if (moved >= changedAt && now < due) return due - now;
    if (isSameSpan(moved, now)) return nextSpan(now) - now;
    const hosts = await change.hosts();
    // The school was removed meanwhile; its removal invalidates these hosts.
    if (hosts.length === 0) return 0;
    await move(hosts);
    if (isRemembered) await remember(schoolId, now);
    return Math.max(0, due - now);
  });

/** What the store takes in one request. */
const keysAtOnce = 50;

/** Gives every one of these hosts a new edition, now. */
export async function move(hosts: readonly string[]): Promise<void> {
  for (let at = 0; at < hosts.length; at += keysAtOnce) {
    // Random, so no two writers choose the same value.
    const Value = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 6)}`;
    const Puts = hosts.slice(at, at + keysAtOnce).map((host) => ({ Key: keyOf(host), Value }));
    await inTurn("store", () => putKeys(Resource.EdgeStore.arn, Puts));
  }
}

async function lastMove(schoolId: string): Promise<number> {
  const { data } = await EditionItem().get({ schoolId }).go({ consistent: true });
  return data?.movedAt ?? 0;
}

const rememberedSeconds = 24 * 60 * 60;

async function remember(schoolId: string, movedAt: number): Promise<void> {
  const expiresAt = Math.floor(movedAt / 1000) + rememberedSeconds;
  await EditionItem().put({ schoolId, movedAt, expiresAt }).go();
}

const turns = new Map<string, Promise<unknown>>();

/** Runs work of one name one after the other, in this process. */
async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(name);
  const mine = (before ?? Promise.resolve()).then(work, work);
  turns.set(name, mine);
  try {
    return await mine;
  } finally {
    if (turns.get(name) === mine) turns.delete(name);
  }
}

export * as Edition from "./index.ts";
