import type { Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { hostUrl, Url } from "@lectern/core/kernel/url";

const path = "/auth/callback";

/**
 * Returns whether a school's sign-in may redirect there: exactly its subdomain's address, or that of an active custom
 * domain.
 */
export async function isRedirectOf(route: Route, redirectUri: string): Promise<boolean> {
  if (redirectUri === Url.schoolUrl(route, path)) return true;
  const host = URL.canParse(redirectUri) ? new URL(redirectUri).hostname : "";
  // In the directory's form: a trailing dot makes another origin with other cookies.
  if (!Directory.isOwn(host) || redirectUri !== hostUrl(Directory.normalise(host), path)) return false;
  return (await Directory.byHost(host))?.schoolId === route.schoolId;
}
