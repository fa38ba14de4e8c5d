import * as Inbox from "@lectern/core/house/inbox";

/** Deletes the notes on events that no queue can deliver again. */
export const purgeInbox = (): Promise<void> => Inbox.purge({}).then(() => {});
