import * as Course from "@lectern/core/learn/course";

/** Deletes files of courses that no row refers to. */
export const sweepFiles = (): Promise<void> => Course.sweepFiles({}).then(() => {});
