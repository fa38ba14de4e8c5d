import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import * as z from "zod";
import { Audit } from "../audit/index.ts";
import { userTable } from "../identity/identity.sql.ts";
import { Db } from "../kernel/db/index.ts";
import { mine } from "../kernel/dynamo/index.ts";
import { DomainError } from "../kernel/error/index.ts";
import { fn } from "../kernel/fn/index.ts";
import { AddressItem, type mailClasses, type returnReasons } from "./address.entity.ts";

// Addresses that mail comes back from. Going on writing to them costs every school of the platform the trust of those who
// receive mail, so a mark keeps further mails back: all of them where there is no mailbox, those of the same class where
// somebody said that they do not want them.

export type MailClass = (typeof mailClasses)[number];
export type ReturnReason = (typeof returnReasons)[number];

/** Mails that somebody has asked for, or that keep an account theirs. All others are news. */
const account: ReadonlySet<string> = new Set([
  "invitation",
  "reset-password",
  "school-opened",
  "session-ended",
  "sign-up-repeated",
  "verify-address",
  "your-schools",
]);
export const classOf = (template: string): MailClass => (account.has(template) ? "account" : "news");

/** A mailbox that was not there is tried again after half a year; who complained is not. */
const bounceKeptSeconds = 180 * 24 * 60 * 60;

const addressIdOf = (address: string): string =>
  `adr_${createHash("sha256").update(address.trim().toLowerCase()).digest("hex").slice(0, 40)}`;

/** Keeps further mails back from an address. Told again, it is the same mark. */
export async function mark(returned: {
  readonly address: string;
  readonly reason: ReturnReason;
  readonly template: string;
  readonly mailId: string;
}): Promise<void> {
  const { address, reason, template, mailId } = returned;
  const at = Date.now();
  await AddressItem()
    .put({
      ...{ ...mine(), addressId: addressIdOf(address), reason, at, mailId },
      mailClass: reason === "bounced" ? "every" : classOf(template),
      ...(reason === "bounced" && { expiresAt: Math.floor(at / 1000) + bounceKeptSeconds }),
    })
    .go();
}

/** May a mail of this template go there? False: it would come back, or was asked not to come. */
export async function isWelcome(address: string, template: string): Promise<boolean> {
  const mailClass = classOf(template);
  return (await marksOf(address)).every((each) => each.mailClass !== "every" && each.mailClass !== mailClass);
}

async function marksOf(address: string) {
  const { data } = await AddressItem()
    .query.byAddress({ ...mine(), addressId: addressIdOf(address) })
    .go({ consistent: true });
  // The table forgets an item some time after it is over.
  return data.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > Date.now() / 1000);
}

const OfUser = z.object({ userId: z.string().max(64) });
const onUser = ({ userId }: z.output<typeof OfUser>) => ({ type: "user", id: userId });

export const Returned = z.object({
  reason: z.enum(["bounced", "complained"]),
  /** What is no longer sent: every mail, those about the account, or all others. */
  kept: z.enum(["every", "account", "news"]),
  /** ISO instant. */
  at: z.string(),
});

/** What came back of the mails to someone's address; nothing when all is well. */
export const returnedOf = fn(
  { permission: "user.read", on: onUser },
  OfUser,
  async ({ userId }): Promise<z.infer<typeof Returned>[]> =>
    (await marksOf(await addressOf(userId))).map(({ reason, mailClass, at }) => ({
      reason,
      kept: mailClass,
      at: new Date(at).toISOString(),
    })),
);

/** Writes to someone's address again. If mail comes back once more, so does the mark. */
export const writeAgain = fn({ permission: "user.manage", on: onUser }, OfUser, async ({ userId }): Promise<void> => {
  const marks = await marksOf(await addressOf(userId));
  if (marks.length === 0) return;
  await AddressItem()
    .delete(marks.map(({ schoolId, addressId, mailClass }) => ({ schoolId, addressId, mailClass })))
    .go();
  await Db.use(() => Audit.record({ action: "user.mail_resumed", targetType: "user", targetId: userId }));
});

async function addressOf(userId: string): Promise<string> {
  const [row] = await Db.use((tx) =>
    tx.select({ email: userTable.email }).from(userTable).where(eq(userTable.id, userId)),
  );
  if (!row) throw new DomainError("not_found", "user.not_found", "There is no such person in this school.");
  return row.email;
}

export * as Address from "./address.ts";
