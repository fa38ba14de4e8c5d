import { finderEntry } from "../reactions/finder-entry.ts";

export const { handler } = finderEntry;
