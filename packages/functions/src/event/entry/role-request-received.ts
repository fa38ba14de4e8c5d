import { roleRequestReceived } from "../reactions/role-requests.ts";

export const { handler } = roleRequestReceived;
