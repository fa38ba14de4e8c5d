// Imports nothing, so that infra/ can read it.

/** The key of the queue of work in schools in `Resource.Queues`. */
export const workQueue = "school-work";

/** A timer whose message is lost is queued again after this long. */
export const requeueAfterMs = 60 * 60_000;

/** The queue's `maxReceiveCount`. */
export const maxReceives = 10;
