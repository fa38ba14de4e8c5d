import { Operator } from "@lectern/core/ops";
import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

// The sign-in of operators: a session whose sealed secret is in a cookie of the platform's own host, which no school's site can set or read.

const name = "__Host-operator";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** Has this browser shown the operators' token? The answer to it is nobody else's. */
export function isOperator(args: RequestArgs): Promise<boolean> {
  stateOf(args).isPrivate = true;
  return Operator.isSession(cookieOf(args.request, name));
}

/** Set-Cookie for a browser that has shown the token. */
export const operatorSignedIn = async (): Promise<string> =>
  `${name}=${await Operator.beginSession()}; ${attributes}; Max-Age=${Operator.sessionSeconds}`;

/** Ends the browser's session. Returns the Set-Cookie that takes its cookie away. */
export async function operatorSignedOut(args: RequestArgs): Promise<string> {
  await Operator.endSession(cookieOf(args.request, name));
  return `${name}=; ${attributes}; Max-Age=0`;
}
