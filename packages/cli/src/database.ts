import { Db } from "@lectern/core/kernel/db";

/** Ends the connections, so that the process can end. */
export const closeDatabase = (): Promise<void> => Db.close();
