import { Operator } from "@lectern/core/house/ops";
import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

// Operators' sessions: a sealed secret in a cookie of the platform's host, which a school's site cannot set or read.

const name = "__Host-operator";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** Returns whether this browser has presented the operators' token. Makes the response private. */
export function isOperator(args: RequestArgs): Promise<boolean> {
  stateOf(args).isPrivate = true;
  return Operator.isSession(cookieOf(args.request, name));
}

/** Returns the Set-Cookie for a browser that has presented the token. */
export const operatorSignedIn = async (): Promise<string> =>
  `${name}=${await Operator.beginSession()}; ${attributes}; Max-Age=${Operator.sessionSeconds}`;

/** Ends the session and returns the Set-Cookie that clears it. */
export async function operatorSignedOut(args: RequestArgs): Promise<string> {
  await Operator.endSession(cookieOf(args.request, name));
  return `${name}=; ${attributes}; Max-Age=0`;
}
