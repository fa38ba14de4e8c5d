import { Secret, Wish } from "@lectern/core/identity";
import type { Route } from "@lectern/core/kernel/actor";
import { idPattern } from "@lectern/core/kernel/id";
import { Secrets } from "@lectern/core/kernel/secret";
import * as z from "zod";
import type { Authorization } from "./engine.ts";
import { isRedirectOf } from "./redirects.ts";

// What a sign-in carries from page to page stands in its forms, sealed, not in a cookie: two schools open in two tabs
// cannot mix, and nothing has to be remembered for people who turn away.

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

/** The request a flow stands for, or undefined when it was altered or has taken too long. */
export async function openFlow(flow: string | undefined): Promise<z.output<typeof Flow> | undefined> {
  const known = Flow.safeParse(flow && flow.length < 6000 ? await Secret.unsealForSession("flow", flow) : undefined);
  return known.success ? known.data : undefined;
}

/** The school may have let a domain go since the flow began. */
export const isOf = async (route: Route, authorization: Authorization): Promise<boolean> =>
  authorization.clientId === route.schoolId && (await isRedirectOf(route, authorization.redirectUri));

const Pending = z.object({ userId: z.string().regex(idPattern("user")), flow: z.string() });

/** "The password was right", for the second-factor step: bound to the flow, ten minutes. */
export const sealPending = (userId: string, flow: string): Promise<string> =>
  Secret.sealForSession("second-factor", { userId, flow: Secret.hashOf(flow) }, 10 * 60);

/** Whose second factor is asked for, if the step belongs to this flow. */
export async function openPending(pending: string, flow: string): Promise<string | undefined> {
  const known = Pending.safeParse(
    pending.length < 2000 ? await Secret.unsealForSession("second-factor", pending) : undefined,
  );
  return known.success && known.data.flow === Secret.hashOf(flow) ? known.data.userId : undefined;
}

/** Of this host only, and of no script. */
export const ownCookie = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

export const deviceCookie = "__Host-lectern-device";

/** Carries a one-time code from the page that checked a person to the sign-in that follows. */
export const joinedCookie = "__Host-lectern-joined";
export const joinedSeconds = 120;

/** A code is one school's: two schools open in two tabs do not use up each other's. */
export const joinedValue = (route: Route, code: string): string => `${route.schoolId}.${code}`;
export const joinedCode = (cookie: string | undefined, route: Route): string | undefined =>
  cookie?.startsWith(`${route.schoolId}.`) ? cookie.slice(route.schoolId.length + 1) : undefined;

/** Remembers the browser that signed up, so that it confirms its address without the password. */
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

/** Proof that a form came from a page this browser was given: made from its cookie, checked with it. */
export const csrfOf = async (cookie: string): Promise<string> =>
  Secret.fingerprint(await Secrets.get("SessionSecret"), "csrf", cookie);

export async function isCsrf(given: string, cookie: string | undefined): Promise<boolean> {
  if (cookie === undefined || cookie.length <= 20) return false;
  const fits = (key: string) => Secret.sameText(given, Secret.fingerprint(key, "csrf", cookie)) || undefined;
  return (await Secrets.accept("SessionSecret", fits)) ?? false;
}
