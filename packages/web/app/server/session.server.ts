import { createHash, randomBytes } from "node:crypto";
import { Secret } from "@lectern/core/kernel/crypto";
import { Session, Wish } from "@lectern/core/people/identity";
import * as z from "zod";
import { cookieOf, localPath } from "./request.server.ts";

// `__Host-` binds a cookie to this host, so one school's site cannot set or read another's. Browsers also accept it on
// http://*.localhost.

const sessionName = "__Host-session";
const maxAge = Session.absoluteMs / 1000;
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** Returns the session cookie for `Session.resolve`. */
export const sessionCookie = (request: Request): string | undefined => cookieOf(request, sessionName);

/** Returns the Set-Cookie that signs a browser in with the value of `Session.claim` or `Session.create`. */
export const signedIn = (cookie: string): string => `${sessionName}=${cookie}; ${attributes}; Max-Age=${maxAge}`;

/** Returns the Set-Cookie that clears the session. */
export const signedOut = (): string => `${sessionName}=; ${attributes}; Max-Age=0`;

// A pending sign-in, kept in the browser that began it. Each has its own cookie name, so that two tabs do not
// interfere.

const Started = z.object({
  state: z.string(),
  verifier: z.string(),
  next: z.string(),
  course: Wish.shape.course,
});
export type Started = z.infer<typeof Started>;

const startedSeconds = 2 * 60 * 60;
const startedName = (state: string): string => `__Host-sign-in-${state.slice(0, 8)}`;

/** Begins a sign-in that returns to `next`: returns the parameters for the sign-in host and the Set-Cookie. */
export async function startSignIn(
  next: string | null,
  course?: Wish["course"],
): Promise<{ state: string; challenge: string; setCookie: string }> {
  const state = randomBytes(16).toString("base64url");
  const verifier = randomBytes(32).toString("base64url");
  const started: Started = { state, verifier, next: localPath(next), course };
  const sealed = await Secret.sealForSession("web-sign-in", started, startedSeconds);
  return {
    state,
    challenge: createHash("sha256").update(verifier).digest("base64url"),
    setCookie: `${startedName(state)}=${sealed}; ${attributes}; Max-Age=${startedSeconds}`,
  };
}

/** Returns the sign-in that this browser began with that state, or undefined. */
export async function startedSignIn(request: Request, state: string): Promise<Started | undefined> {
  const sealed = cookieOf(request, startedName(state));
  if (!sealed) return undefined;
  const started = Started.safeParse(await Secret.unsealForSession("web-sign-in", sealed));
  return started.success && Secret.sameText(started.data.state, state) ? started.data : undefined;
}

/** Returns the Set-Cookie that clears a finished sign-in. */
export const forgetSignIn = (state: string): string => `${startedName(state)}=; ${attributes}; Max-Age=0`;
