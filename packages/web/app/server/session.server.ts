import { createHash, randomBytes } from "node:crypto";
import { Secret, Session, Wish } from "@lectern/core/identity";
import * as z from "zod";
import { cookieOf, localPath } from "./request.server.ts";

// Cookies of signing in. `__Host-` ties a cookie to this one host: a school's site cannot set or read another's. Browsers
// keep it on http://*.localhost too, which they trust.

const sessionName = "__Host-session";
const maxAge = Session.absoluteMs / 1000;
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** The value of the session cookie, for `Session.resolve`. */
export const sessionCookie = (request: Request): string | undefined => cookieOf(request, sessionName);

/** Set-Cookie that signs a browser in with what `Session.claim` or `Session.create` answered. */
export const signedIn = (cookie: string): string => `${sessionName}=${cookie}; ${attributes}; Max-Age=${maxAge}`;

/** Set-Cookie that takes the session away. */
export const signedOut = (): string => `${sessionName}=; ${attributes}; Max-Age=0`;

// A sign-in under way: what must come back with the code, remembered by the browser that began it, under a name of its
// own so that two tabs do not disturb each other.

const Started = z.object({
  state: z.string(),
  verifier: z.string(),
  next: z.string(),
  /** The course to enroll in on arrival. */
  course: Wish.shape.course,
});
export type Started = z.infer<typeof Started>;

const startedSeconds = 2 * 60 * 60;
const startedName = (state: string): string => `__Host-sign-in-${state.slice(0, 8)}`;

/** Begins a sign-in that returns to `next`: what goes to the sign-in host, and the cookie that waits for it. */
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

/** The sign-in this browser began with that state, or undefined: then somebody else began it. */
export async function startedSignIn(request: Request, state: string): Promise<Started | undefined> {
  const sealed = cookieOf(request, startedName(state));
  if (!sealed) return undefined;
  const started = Started.safeParse(await Secret.unsealForSession("web-sign-in", sealed));
  return started.success && Secret.sameText(started.data.state, state) ? started.data : undefined;
}

/** Set-Cookie that forgets a sign-in once it is done. */
export const forgetSignIn = (state: string): string => `${startedName(state)}=; ${attributes}; Max-Age=0`;
