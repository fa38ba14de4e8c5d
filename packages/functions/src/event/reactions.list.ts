// The reactions as what deploys them needs to know: a queue, a rule and a function each. Imports nothing, so that infra/
// can; a test holds it against the reactions themselves.

export interface ReactionEntry {
  readonly name: string;
  readonly bus: "lectern" | "default";
  /** The `source` the rule asks for; undefined on our own bus, where the type says enough. */
  readonly source?: string;
  /** The `detail-type`s the rule asks for. */
  readonly on: readonly string[];
}

const ours = <N extends string>(name: N, ...on: string[]) => ({ name, bus: "lectern", on }) as const;

/**
 * After each of these a visitor without a cookie would see something else; what is not here, and why, stands in
 * docs/adr/0010-pages-at-the-edge.md.
 */
export const changesVisitorsSee = [
  "course.published",
  "course.unpublished",
  "course.archived",
  "course.changed",
  "course.removed",
  "category.changed",
  "user.renamed",
  "school.brand_changed",
  "school.route_changed",
  "school.suspended",
  "school.resumed",
  "school.removed",
  "domain.turned",
  "domain.removed",
] as const;

export const reactionList = [
  ours("school-opened", "school.created"),
  ours("settings-followed", "school.settings_changed"),
  ours("finder-entry", "user.registered"),
  ours("welcome", "user.registered"),
  ours("verification-mail", "user.verification_requested"),
  ours("password-reset-mail", "user.password_reset_requested"),
  ours("sign-up-repeated-mail", "user.sign_up_repeated"),
  ours("session-ended-mail", "user.token_reused"),
  ours("email-change-mail", "user.email_change_requested"),
  ours("email-changed-mail", "user.email_changed"),
  ours("password-changed-mail", "user.password_changed"),
  ours("sign-in-guessed-mail", "user.sign_in_guessed"),
  ours("owner-added-mail", "user.owner_added"),
  ours("invitation-mail", "user.invited"),
  ours("role-request-received", "role_request.created"),
  ours("role-request-decided", "role_request.decided"),
  ours("finder-mail", "finder.requested"),
  ours("enrolled", "enrollment.created"),
  ours("halfway", "lesson.completed"),
  ours("course-completed", "course.completed"),
  ours("certificate-issued", "certificate.issued"),
  ours("certificate-revoked", "certificate.revoked"),
  ours("course-import", "course_import.requested"),
  ours("domain-requested", "domain.requested"),
  ours("domain-removed", "domain.removed"),
  ours("domain-turned-mail", "domain.turned"),
  ours("edition-moved", ...changesVisitorsSee),
  {
    name: "mail-feedback",
    bus: "default",
    source: "aws.ses",
    on: ["Email Sent", "Email Delivered", "Email Bounced", "Email Complaint Received", "Email Rejected"],
  },
] as const satisfies readonly ReactionEntry[];

export type ReactionName = (typeof reactionList)[number]["name"];
