import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { hostUrl, Url } from "@lectern/core/kernel/url";

const path = "/auth/callback";

/**
 * May a school's sign-in return there? To its subdomain, or to a domain of its own that is active: exactly that address,
 * character by character.
 */
export async function isRedirectOf(route: Route, redirectUri: string): Promise<boolean> {
  if (redirectUri === Url.schoolUrl(route, path)) return true;
  const host = URL.canParse(redirectUri) ? new URL(redirectUri).hostname : "";
  // As the directory writes it: a dot at the end makes another origin, with other cookies.
  if (!Directory.isOwn(host) || redirectUri !== hostUrl(Directory.normalise(host), path)) return false;
  return (await Directory.byHost(host))?.schoolId === route.schoolId;
}
