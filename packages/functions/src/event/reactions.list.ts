// The reactions as what deploys them needs to know: a queue, a rule and a function each. Imports nothing, so that infra/
// can; a test compares it with the reactions themselves.

/** What a reaction uses beyond the school of its event; infra/reactions.ts gives the rights. */
export type Need =
  | "platform"
  | "directory"
  | "settings"
  | "mails"
  | "finder"
  | "finder-key"
  | "routes"
  | "domains"
  | "editions"
  /** Emits events, so it calls the relay. */
  | "nudges";

export interface ReactionEntry {
  readonly name: string;
  readonly bus: "lectern" | "default";
  /** The `source` the rule asks for; undefined on our own bus, where the type says enough. */
  readonly source?: string;
  /** The `detail-type`s the rule asks for. */
  readonly on: readonly string[];
  readonly needs: readonly Need[];
  /** It works in no school, so it gets only what it needs. */
  readonly isOfPlatform?: true;
  readonly timeoutSeconds?: number;
  readonly memory?: `${number} MB`;
  /** How many run at once, where it differs from the stage's. */
  readonly atOnce?: number;
}

/**
 * After each of these a visitor without a cookie would see something else; what is not here, and why, is in
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

/** Events that people get a mail or a feed entry about. */
const notified = [
  "school.created",
  "domain.turned",
  "user.registered",
  "user.verification_requested",
  "user.password_reset_requested",
  "user.sign_up_repeated",
  "user.token_reused",
  "user.email_change_requested",
  "user.email_changed",
  "user.password_changed",
  "user.sign_in_guessed",
  "user.owner_added",
  "role_request.created",
  "role_request.decided",
  "finder.requested",
  "user.invited",
  "enrollment.created",
  "lesson.completed",
  "certificate.issued",
  "certificate.revoked",
] as const;

export const reactionList = [
  {
    name: "notifications",
    bus: "lectern",
    on: notified,
    needs: ["platform", "settings", "mails", "finder-key", "nudges"],
  },
  {
    name: "settings-followed",
    bus: "lectern",
    on: ["school.settings_changed"],
    needs: ["routes", "nudges"],
  },
  {
    name: "finder-entry",
    bus: "lectern",
    on: ["user.registered", "user.email_changed"],
    needs: ["finder", "finder-key", "nudges"],
  },
  { name: "course-completed", bus: "lectern", on: ["course.completed"], needs: ["nudges"] },
  {
    name: "course-import",
    bus: "lectern",
    on: ["course_import.requested"],
    needs: ["nudges"],
    // It unpacks whole courses and holds them in memory.
    timeoutSeconds: 840,
    memory: "3008 MB",
  },
  // DNS servers and CloudFront respond slowly.
  {
    name: "domain-requested",
    bus: "lectern",
    on: ["domain.requested"],
    needs: ["platform", "domains", "nudges"],
    timeoutSeconds: 60,
  },
  {
    name: "domain-removed",
    bus: "lectern",
    on: ["domain.removed"],
    needs: ["platform", "domains", "nudges"],
    timeoutSeconds: 60,
  },
  {
    name: "edition-moved",
    bus: "lectern",
    on: changesVisitorsSee,
    needs: ["platform", "directory", "editions"],
    isOfPlatform: true,
    // All runs write one store, and a conflicting write starts again.
    atOnce: 2,
  },
  {
    name: "mail-feedback",
    bus: "default",
    source: "aws.ses",
    on: ["Email Sent", "Email Delivered", "Email Bounced", "Email Complaint Received", "Email Rejected"],
    needs: [],
  },
] as const satisfies readonly ReactionEntry[];

export type ReactionName = (typeof reactionList)[number]["name"];
