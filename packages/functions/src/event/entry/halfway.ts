import { halfway } from "../reactions/halfway.ts";

export const { handler } = halfway;
