// Tags for the buckets' lifecycle rules. A prefix rule could not match, because every key leads with its school.
// Imports nothing, so that infra/ can import it.

/** Marks an unconfirmed upload; the lifecycle rule deletes it after a day. */
export const waiting = { key: "state", value: "waiting" } as const;

/**
 * An original of other files: read once a year, if ever. Without this tag an object never leaves the warm storage
 * class.
 */
export const original = { key: "kind", value: "original" } as const;
