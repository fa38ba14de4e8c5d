import type { Route } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";

/** Where a school's sign-in may return to: exactly this, character by character. */
export const redirectsOf = (route: Route): readonly string[] => [Url.schoolUrl(route, "/auth/callback")];
