import { Db } from "@lectern/core/kernel/db";
import { flushNudge } from "@lectern/core/kernel/event";

/** Ends the connections, so that the process can end, once a call of the relay has left. */
export const closeDatabase = async (): Promise<void> => {
  await Promise.all([flushNudge(), Db.close()]);
};
