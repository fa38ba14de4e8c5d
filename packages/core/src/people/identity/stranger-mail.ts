import { sql } from "drizzle-orm";
import * as RateLimit from "../../house/rate-limit/index.ts";
import { useActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { auditTable } from "../audit/audit.sql.ts";
import { roleGrantTable, userTable } from "./user.sql.ts";

// Mails to people who have not asked this school for anything. Anyone can open a school in a minute, so its owner must
// prove an address before it sends them in the platform's name, and a young school has a daily budget.

const day = 24 * 60 * 60 * 1000;

/** Mails a day by the school's age; older schools have only the limits per person. Documented in docs/security.md. */
const budgets = [
  { untilDays: 7, invitation: 100, sign_up: 500 },
  { untilDays: 30, invitation: 500, sign_up: 2500 },
] as const;

/** The mail's origin: a member of the school entered the address, or a visitor did. */
type Kind = "invitation" | "sign_up";

/**
 * Admits and counts one mail to a stranger. Always admits the platform itself (operators, provisioning).
 * @throws school.unverified as 403; mail.budget_spent as 429
 */
export async function admit(kind: Kind): Promise<void> {
  if (useActor().type === "system") return;
  const { isProved, ageMs } = await Db.use(standing);
  if (!isProved)
    throw new DomainError(
      "forbidden",
      "school.unverified",
      kind === "invitation"
        ? "Confirm your own e-mail address first: until an owner has done that, the school sends no mail to others."
        : "This school takes no sign-ups yet, because its owner has not confirmed an e-mail address.",
    );
  const budget = budgets.find(({ untilDays }) => ageMs < untilDays * day);
  if (!budget) return;
  const taken = await RateLimit.take({
    bucket: `mail.${kind}`,
    key: "school",
    max: budget[kind],
    perSeconds: day / 1000,
  });
  if (taken.allowed) return;
  throw new DomainError(
    "rate_limited",
    "mail.budget_spent",
    kind === "invitation"
      ? `A new school can invite or add ${budget[kind]} people a day. Please go on tomorrow.`
      : "This school is new and has had too many sign-ups today. Please try again tomorrow.",
    undefined,
    taken.retryAfter,
  );
}

/** Whether an owner has proved an address. Until then sign-ups are refused, so a page hides its form. */
export const isProved = async (): Promise<boolean> => (await Db.use(standing)).isProved;

/** Has an owner proved an address, and how old is the school? Its audit trail begins with its opening. */
async function standing(tx: Db.Tx): Promise<{ isProved: boolean; ageMs: number }> {
  const [row] = await tx.execute<{ owners: number; proved: number; began: string | null }>(sql`
    select count(*)::int as owners, count(${userTable.emailVerifiedAt})::int as proved,
      (select ${auditTable.at} from ${auditTable} order by ${auditTable.at}, ${auditTable.id} limit 1)::text as began
    from ${roleGrantTable} join ${userTable} on ${userTable.id} = ${roleGrantTable.userId}
    where ${roleGrantTable.role} = 'owner' and ${userTable.status} = 'active'`);
  return {
    // The platform makes schools without an owner; there no address needs proof.
    isProved: !row || row.owners === 0 || row.proved > 0,
    ageMs: row?.began ? Date.now() - Date.parse(row.began) : 0,
  };
}

export * as StrangerMail from "./stranger-mail.ts";
