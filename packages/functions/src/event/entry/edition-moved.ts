import { editionMoved } from "../reactions/edition-moved.ts";

export const { handler } = editionMoved;
