import { roleRequestDecided } from "../reactions/role-requests.ts";

export const { handler } = roleRequestDecided;
