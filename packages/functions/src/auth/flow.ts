import type { Route } from "@lectern/core/kernel/actor";
import { Secret } from "@lectern/core/kernel/crypto";
import { idPattern } from "@lectern/core/kernel/id";
import { Secrets } from "@lectern/core/kernel/secret";
import { Wish } from "@lectern/core/people/identity";
import * as z from "zod";
import type { Authorization } from "./engine.ts";
import { isRedirectOf } from "./redirects.ts";

// Forms carry the state of a sign-in, sealed, instead of a cookie: sign-ins at two schools in two tabs cannot mix, and
// the server stores nothing for people who leave.

const Flow = z.object({
  clientId: z.string().regex(idPattern("school")),
  redirectUri: z.string(),
  state: z.string(),
  challenge: z.string(),
  wish: Wish.optional(),
});

const flowSeconds = 2 * 60 * 60;

export const sealFlow = (authorization: Authorization, wish?: Wish): Promise<string> =>
  Secret.sealForSession("flow", { ...authorization, wish }, flowSeconds);

/** Returns the request of a flow; undefined if it was altered or has expired. */
export async function openFlow(flow: string | undefined): Promise<z.output<typeof Flow> | undefined> {
  const known = Flow.safeParse(flow && flow.length < 6000 ? await Secret.unsealForSession("flow", flow) : undefined);
  return known.success ? known.data : undefined;
}

/** Checks again that the redirect belongs to the school, which may have removed the domain since. */
export const isOf = async (route: Route, authorization: Authorization): Promise<boolean> =>
  authorization.clientId === route.schoolId && (await isRedirectOf(route, authorization.redirectUri));

const Pending = z.object({ userId: z.string().regex(idPattern("user")), flow: z.string() });

/** Seals "the password was correct" for the second-factor step: bound to the flow, valid ten minutes. */
export const sealPending = (userId: string, flow: string): Promise<string> =>
  Secret.sealForSession("second-factor", { userId, flow: Secret.hashOf(flow) }, 10 * 60);

/** Returns the person of the second-factor step, if it belongs to this flow. */
export async function openPending(pending: string, flow: string): Promise<string | undefined> {
  const known = Pending.safeParse(
    pending.length < 2000 ? await Secret.unsealForSession("second-factor", pending) : undefined,
  );
  return known.success && known.data.flow === Secret.hashOf(flow) ? known.data.userId : undefined;
}

/** For this host only and hidden from scripts. */
export const ownCookie = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

export const deviceCookie = "__Host-lectern-device";

/** Carries a one-time code from the page that verified a person to the sign-in that follows. */
export const joinedCookie = "__Host-lectern-joined";
export const joinedSeconds = 120;

/** Names the school, so that schools in two tabs do not use up each other's code. */
export const joinedValue = (route: Route, code: string): string => `${route.schoolId}.${code}`;
export const joinedCode = (cookie: string | undefined, route: Route): string | undefined =>
  cookie?.startsWith(`${route.schoolId}.`) ? cookie.slice(route.schoolId.length + 1) : undefined;

/** Marks the browser that signed up, so that it can confirm its address without the password. */
export const browserCookie = "__Host-lectern-browser";
export const browserSeconds = 48 * 60 * 60;

const Browser = z.object({ id: z.string().min(32).max(100) });

export const sealBrowser = (id: string): Promise<string> => Secret.sealForSession("browser", { id }, browserSeconds);

export async function openBrowser(cookie: string | undefined): Promise<string | undefined> {
  const known = Browser.safeParse(
    cookie && cookie.length < 1000 ? await Secret.unsealForSession("browser", cookie) : undefined,
  );
  return known.success ? known.data.id : undefined;
}

/** Returns the CSRF token for the browser's cookie. */
export const csrfOf = async (cookie: string): Promise<string> =>
  Secret.fingerprint(await Secrets.get("SessionSecret"), "csrf", cookie);

export async function isCsrf(given: string, cookie: string | undefined): Promise<boolean> {
  if (cookie === undefined || cookie.length <= 20) return false;
  const fits = (key: string) => Secret.sameText(given, Secret.fingerprint(key, "csrf", cookie)) || undefined;
  return (await Secrets.accept("SessionSecret", fits)) ?? false;
}
