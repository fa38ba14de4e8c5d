import * as Secret from "../identity/secret.ts";
import { Secrets } from "../kernel/secret/index.ts";

// Operators are the people who run the platform. They have no account in any school; they know one token, which is rotated
// by setting another.

/** The token as this stage keeps it. Empty where none was set: then nobody is an operator. */
const token = (): Promise<string> => Secrets.get("OperatorToken");

const minLength = 20;

/** Is this the operators' token? Takes the same time whatever was given. */
export async function isOperator(given: string | undefined): Promise<boolean> {
  const wanted = await token();
  // A short one could be guessed, so it is as good as none.
  return Secret.sameText(given ?? "", wanted) && wanted.length >= minLength;
}

const purpose = "operator-session";
export const sessionSeconds = 8 * 60 * 60;

/** What a browser carries once its operator has shown the token: not the token, and over after eight hours. */
export async function sealSession(): Promise<string> {
  return Secret.seal(await token(), purpose, {}, sessionSeconds);
}

/** Sealed by the token itself: with another token every session is over. */
export async function isSession(sealed: string | undefined): Promise<boolean> {
  const wanted = await token();
  if (!sealed || wanted.length < minLength) return false;
  return Secret.unseal(wanted, purpose, sealed) !== undefined;
}

export * as Operator from "./operator.ts";
