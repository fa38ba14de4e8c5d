import { welcome } from "../reactions/welcome.ts";

export const { handler } = welcome;
