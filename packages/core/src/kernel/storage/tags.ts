// Tags that a bucket's lifecycle rules go by. A rule by prefix could not find these: every key leads with its school.
// Imports nothing, so that infra/ can.

/** Marks an unconfirmed upload; the lifecycle rule deletes it after a day. */
export const waiting = { key: "state", value: "waiting" } as const;

/** What other files were made of: read once a year, if ever. Without this an object never leaves the warm shelf. */
export const original = { key: "kind", value: "original" } as const;
