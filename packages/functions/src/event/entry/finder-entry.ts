import { finderEntry } from "../reactions/finder.ts";

export const { handler } = finderEntry;
