import type { Route } from "@lectern/core/kernel/actor";
import { Secret } from "@lectern/core/kernel/crypto";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Identity, sealWish, type Wish } from "@lectern/core/people/identity";
import { getCookie, setCookie } from "hono/cookie";
import type { AuthContext } from "./context.ts";
import {
  browserCookie,
  browserSeconds,
  joinedCookie,
  joinedSeconds,
  joinedValue,
  openBrowser,
  ownCookie,
  sealBrowser,
} from "./flow.ts";
import { isRedirectOf } from "./redirects.ts";

/** Returns this browser's secret; creates the cookie if it is missing. */
export async function browserOf(c: AuthContext): Promise<string> {
  const known = await openBrowser(getCookie(c, browserCookie));
  if (known) return known;
  const id = Secret.newSecret();
  setCookie(c, browserCookie, await sealBrowser(id), { ...ownCookie, maxAge: browserSeconds });
  return id;
}

/**
 * Returns the public hash of the browser's secret. Codes are bound to it, so only this browser's cookie can use them.
 */
export const browserMark = async (c: AuthContext): Promise<string> => Secret.hashOf(await browserOf(c));

/** Returns this browser's secret, if it has one. */
export const knownBrowser = (c: AuthContext): Promise<string | undefined> => openBrowser(getCookie(c, browserCookie));

/** Returns the origin that a wish returns to, if it still belongs to the school. */
export async function returnOrigin(route: Route, wish: Wish | null | undefined): Promise<string> {
  const own = new URL(Url.schoolUrl(route)).origin;
  const origin = wish?.origin;
  return origin && (await isRedirectOf(route, `${origin}${pathTo.signInCallback()}`)) ? origin : own;
}

/**
 * Redirects a person whom a mail's link has verified. The school's site begins a sign-in, which consumes the one-time
 * code in this browser's cookie instead of asking for a password.
 */
export async function arrive(c: AuthContext, route: Route, userId: string, wish: Wish | null | undefined) {
  const { code } = await Identity.issueCode({ userId });
  setCookie(c, joinedCookie, joinedValue(route, code), { ...ownCookie, maxAge: joinedSeconds });
  return c.redirect(await doorFor(route, wish, { isProved: true }), 303);
}

/** Returns the school's sign-in address with the person's target. */
export async function doorFor(
  route: Route,
  wish: Wish | null | undefined,
  options: { readonly isProved?: boolean; readonly email?: string } = {},
): Promise<string> {
  const sealed = await sealWish({ schoolId: route.schoolId, wish: wish ?? {}, isProved: options.isProved ?? false });
  return `${await returnOrigin(route, wish)}${pathTo.signIn({ wish: sealed, ...(options.email && { email: options.email }) })}`;
}
