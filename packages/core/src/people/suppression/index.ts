import { createHash } from "node:crypto";
import { eq, inArray, type SQL, sql } from "drizzle-orm";
import * as z from "zod";
import { Db } from "../../kernel/db/index.ts";
import { mine } from "../../kernel/dynamo/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import type { MailClass } from "../../talk/notify/index.ts";
import { canonicalEmail } from "../../util/email/index.ts";
import * as Audit from "../audit/index.ts";
import { userTable } from "../identity/user.sql.ts";
import { AddressItem, type returnReasons } from "./suppression.entity.ts";

// Addresses that bounce or complain. More mail to them would cost every school of the platform its sender reputation. A
// mark blocks all mail where there is no mailbox, and mail of the same class after a complaint.

export type ReturnReason = (typeof returnReasons)[number];

/** A missing mailbox is retried after half a year; a complaint is final. */
const bounceKeptSeconds = 180 * 24 * 60 * 60;

/** What an address is known by in the table, which does not hold it. */
export const idOf = (address: string): string =>
  `adr_${createHash("sha256").update(canonicalEmail(address)).digest("hex").slice(0, 40)}`;

/** Whether a person's address is one of these, for a query of people. */
export const isAmong = (ids: readonly string[]): SQL =>
  inArray(sql`'adr_' || left(encode(sha256(convert_to(lower(${userTable.email}), 'UTF8')), 'hex'), 40)`, [...ids]);

/** Keeps further mails back from an address. Told again, it is the same mark. */
export async function mark(returned: {
  readonly address: string;
  readonly reason: ReturnReason;
  readonly mailClass: MailClass;
  readonly mailId: string;
}): Promise<void> {
  const { address, reason, mailClass, mailId } = returned;
  const at = Date.now();
  await AddressItem()
    .put({
      ...{ ...mine(), addressId: idOf(address), reason, at, mailId },
      mailClass: reason === "bounced" ? "every" : mailClass,
      ...(reason === "bounced" && { expiresAt: Math.floor(at / 1000) + bounceKeptSeconds }),
    })
    .go();
}

/** May a mail of this class go to the address? False after a bounce or a complaint. */
export async function isWelcome(address: string, mailClass: MailClass): Promise<boolean> {
  return (await marksOf(address)).every((each) => each.mailClass !== "every" && each.mailClass !== mailClass);
}

async function marksOf(address: string) {
  const { data } = await AddressItem()
    .query.byAddress({ ...mine(), addressId: idOf(address) })
    .go({ consistent: true });
  return data.filter(isGood);
}

/** Filters expired items, because DynamoDB deletes them some time later. */
const isGood = ({ expiresAt }: { readonly expiresAt?: number | undefined }) =>
  expiresAt === undefined || expiresAt > Date.now() / 1000;

/** Every mark of the school: few, as each keeps the next mail from coming back. */
async function marksOfSchool() {
  const { data } = await AddressItem().query.bySchool(mine()).go({ pages: "all" });
  return data.filter(isGood);
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
export type Returned = z.infer<typeof Returned>;

/** What came back of the mails to someone's address; nothing when all is well. */
export const returnedOf = fn.on(
  "user.read",
  onUser,
  OfUser,
  async ({ userId }): Promise<Returned[]> => (await marksOf(await addressOf(userId))).map(toReturned),
);

/** Returns all bounces and complaints of the school by `idOf(address)`, of people and of invited addresses. */
export const allReturned = fn.any(
  "user.read",
  z.object({}).default({}),
  async (): Promise<ReadonlyMap<string, Returned>> =>
    new Map((await marksOfSchool()).map((mark) => [mark.addressId, toReturned(mark)])),
);

/**
 * Unblocks an address without a mailbox for one more try, for a mail that a person explicitly requests, such as a
 * resent invitation. Complaints still block. Returns false when nothing will be sent.
 */
export async function tryAgain(address: string, mailClass: MailClass): Promise<boolean> {
  await forget((await marksOf(address)).filter(({ reason }) => reason === "bounced"));
  return isWelcome(address, mailClass);
}

type Mark = Awaited<ReturnType<typeof marksOf>>[number];

const toReturned = ({ reason, mailClass, at }: Mark): Returned => ({
  reason,
  kept: mailClass,
  at: new Date(at).toISOString(),
});

const forget = async (marks: readonly Mark[]): Promise<void> => {
  if (marks.length === 0) return;
  await AddressItem()
    .delete(marks.map(({ schoolId, addressId, mailClass }) => ({ schoolId, addressId, mailClass })))
    .go();
};

/** Writes to someone's address again. If mail comes back once more, so does the mark. */
export const writeAgain = fn.on("user.manage", onUser, OfUser, async ({ userId }): Promise<void> => {
  const marks = await marksOf(await addressOf(userId));
  if (marks.length === 0) return;
  await forget(marks);
  await Db.use(() => Audit.record({ action: "user.mail_resumed", targetType: "user", targetId: userId }));
});

async function addressOf(userId: string): Promise<string> {
  const [row] = await Db.use((tx) =>
    tx.select({ email: userTable.email }).from(userTable).where(eq(userTable.id, userId)),
  );
  if (!row) throw new DomainError("not_found", "user.not_found", "There is no such person in this school.");
  return row.email;
}

export * as Address from "./index.ts";
