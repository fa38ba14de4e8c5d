import { Identity, Secret, sealWish, type Wish } from "@lectern/core/identity";
import type { Route } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
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

/** The secret of this browser; made, and given to it, where there is none. */
export async function browserOf(c: AuthContext): Promise<string> {
  const known = await openBrowser(getCookie(c, browserCookie));
  if (known) return known;
  const id = Secret.newSecret();
  setCookie(c, browserCookie, await sealBrowser(id), { ...ownCookie, maxAge: browserSeconds });
  return id;
}

/** What other hosts may know of this browser: a code is bound to it, and only the browser's own cookie fits. */
export const browserMark = async (c: AuthContext): Promise<string> => Secret.hashOf(await browserOf(c));

/** The secret of this browser, if it has one. */
export const knownBrowser = (c: AuthContext): Promise<string | undefined> => openBrowser(getCookie(c, browserCookie));

/** The site a wish returns to, while it is still the school's. */
export async function returnOrigin(route: Route, wish: Wish | null | undefined): Promise<string> {
  const own = new URL(Url.schoolUrl(route)).origin;
  const origin = wish?.origin;
  return origin && (await isRedirectOf(route, `${origin}${pathTo.signInCallback()}`)) ? origin : own;
}

/**
 * A person has just proved who they are by a mail's link. The school's site begins a sign-in, which passes here without
 * asking again: the code in this browser's cookie is taken by it, once.
 */
export async function arrive(c: AuthContext, route: Route, userId: string, wish: Wish | null | undefined) {
  const { code } = await Identity.issueCode({ userId });
  setCookie(c, joinedCookie, joinedValue(route, code), { ...ownCookie, maxAge: joinedSeconds });
  return c.redirect(await doorFor(route, wish, { isProved: true }), 303);
}

/** The school's sign-in, with what the person wants to reach. */
export async function doorFor(
  route: Route,
  wish: Wish | null | undefined,
  options: { readonly isProved?: boolean; readonly email?: string } = {},
): Promise<string> {
  const sealed = await sealWish({ schoolId: route.schoolId, wish: wish ?? {}, isProved: options.isProved ?? false });
  return `${await returnOrigin(route, wish)}${pathTo.signIn({ wish: sealed, ...(options.email && { email: options.email }) })}`;
}
