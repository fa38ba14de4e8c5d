import * as z from "zod";
import * as Secret from "../../kernel/crypto/index.ts";
import { Secrets } from "../../kernel/secret/index.ts";
import { OperatorSessionItem } from "./operator.entity.ts";

// Operators run the platform. They have no account in any school; they share one token, which is rotated by setting
// another.

/** The stage's token. Empty where none is set: then there is no operator. */
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
const Sealed = z.object({ secret: z.string() });

/**
 * Starts a session for a browser that has shown the token. Returns its cookie's value, which expires after eight hours.
 */
export async function beginSession(): Promise<string> {
  const secret = Secret.newSecret();
  const sessionHash = Secret.hashOf(secret);
  await OperatorSessionItem()
    .create({ sessionHash, expiresAt: Math.floor(Date.now() / 1000) + sessionSeconds })
    .go();
  return Secret.seal(await token(), purpose, { secret }, sessionSeconds);
}

/** Is this an active session? Sealed with the token itself, so a new token ends every session. */
export async function isSession(sealed: string | undefined): Promise<boolean> {
  const sessionHash = await hashIn(sealed);
  if (sessionHash === undefined) return false;
  const { data } = await OperatorSessionItem().get({ sessionHash }).go({ consistent: true });
  return data !== null && data.expiresAt * 1000 > Date.now();
}

/** Ends a session: a copy of its cookie opens nothing any more. */
export async function endSession(sealed: string | undefined): Promise<void> {
  const sessionHash = await hashIn(sealed);
  if (sessionHash !== undefined) await OperatorSessionItem().delete({ sessionHash }).go();
}

async function hashIn(sealed: string | undefined): Promise<string | undefined> {
  const wanted = await token();
  if (!sealed || wanted.length < minLength) return undefined;
  const { data } = Sealed.safeParse(Secret.unseal(wanted, purpose, sealed));
  return data && Secret.hashOf(data.secret);
}

export * as Operator from "./operator.ts";
