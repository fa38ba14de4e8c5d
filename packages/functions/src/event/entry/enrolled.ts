import { enrolled } from "../reactions/enrolled.ts";

export const { handler } = enrolled;
