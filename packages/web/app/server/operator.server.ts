import { Operator } from "@lectern/core/ops";
import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

// The sign-in of operators: a sealed word in a cookie of the platform's own host, which no school's site can set or read.

const name = "__Host-operator";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** Has this browser shown the operators' token? The answer to it is nobody else's. */
export function isOperator(args: RequestArgs): Promise<boolean> {
  stateOf(args).isPrivate = true;
  return Operator.isSession(cookieOf(args.request, name));
}

/** Set-Cookie for a browser that has shown the token. */
export const operatorSignedIn = async (): Promise<string> =>
  `${name}=${await Operator.sealSession()}; ${attributes}; Max-Age=${Operator.sessionSeconds}`;

/** Set-Cookie that takes it away. */
export const operatorSignedOut = (): string => `${name}=; ${attributes}; Max-Age=0`;
