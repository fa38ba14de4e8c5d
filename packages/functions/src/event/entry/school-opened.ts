import { schoolOpened } from "../reactions/school-opened.ts";

export const { handler } = schoolOpened;
