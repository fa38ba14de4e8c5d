import { Secret } from "@lectern/core/identity";
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
});

const flowSeconds = 2 * 60 * 60;

export const sealFlow = (authorization: Authorization): Promise<string> =>
  Secret.sealForSession("flow", authorization, flowSeconds);

/** The request a flow stands for, or undefined when it was altered or has taken too long. */
export async function openFlow(flow: string | undefined): Promise<Authorization | undefined> {
  const known = Flow.safeParse(flow && flow.length < 4000 ? await Secret.unsealForSession("flow", flow) : undefined);
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

export const joinedCookie = "__Host-lectern-joined";
export const joinedSeconds = 120;

const Joined = z.object({ userId: z.string().regex(idPattern("user")), schoolId: z.string() });

/** "Has just chosen a password by a link of our mail": the next sign-in of this browser need not ask for it again. */
export const sealJoined = (joined: z.infer<typeof Joined>): Promise<string> =>
  Secret.sealForSession("joined", joined, joinedSeconds);

/** Who has just joined this school in this browser. */
export async function openJoined(cookie: string | undefined, route: Route): Promise<string | undefined> {
  const known = Joined.safeParse(
    cookie && cookie.length < 1000 ? await Secret.unsealForSession("joined", cookie) : undefined,
  );
  return known.success && known.data.schoolId === route.schoolId ? known.data.userId : undefined;
}

/** Proof that a form came from a page this browser was given: made from its cookie, checked with it. */
export const csrfOf = async (cookie: string): Promise<string> =>
  Secret.fingerprint(await Secrets.get("SessionSecret"), "csrf", cookie);

export async function isCsrf(given: string, cookie: string | undefined): Promise<boolean> {
  if (cookie === undefined || cookie.length <= 20) return false;
  const fits = (key: string) => Secret.sameText(given, Secret.fingerprint(key, "csrf", cookie)) || undefined;
  return (await Secrets.accept("SessionSecret", fits)) ?? false;
}
