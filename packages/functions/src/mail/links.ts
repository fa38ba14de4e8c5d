import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { tokenLifetimeMs } from "@lectern/core/people/identity";

const purposes = {
  verify: "verify_email",
  reset: "reset_password",
  invitation: "invitation",
  email: "change_email",
  "email-undo": "undo_email_change",
} as const;

/** Returns the sign-in host's page for this token, and when the token expires. */
export function linkTo(page: keyof typeof purposes, token: string): { href: string; validUntil: Date } {
  return {
    href: Url.authUrl(pathTo.auth(page, { school: Actor.useSchool().slug, token })),
    validUntil: new Date(Date.now() + tokenLifetimeMs[purposes[page]]),
  };
}
