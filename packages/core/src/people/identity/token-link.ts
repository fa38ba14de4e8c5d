import { Actor } from "../../kernel/actor/index.ts";
import { pathTo } from "../../kernel/path/index.ts";
import { Url } from "../../kernel/url/index.ts";
import { lifetimeMs } from "./email-token.ts";

const purposes = {
  verify: "verify_email",
  reset: "reset_password",
  invitation: "invitation",
  email: "change_email",
  "email-undo": "undo_email_change",
} as const;

/** Returns the sign-in host's page for this token, and when the token expires. */
export function tokenLink(page: keyof typeof purposes, token: string): { href: string; validUntil: Date } {
  return {
    href: Url.authUrl(pathTo.auth(page, { school: Actor.useSchool().slug, token })),
    validUntil: new Date(Date.now() + lifetimeMs[purposes[page]]),
  };
}
