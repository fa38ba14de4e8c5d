import { and, desc, eq, isNull, type SQL } from "drizzle-orm";
import * as z from "zod";
import { Actor, type UserActor } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import * as Audit from "../../people/audit/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { oneLine } from "../../util/text/index.ts";
import { enrollmentTable } from "../enrollment/enrollment.sql.ts";
import { complete, readOutline, readStored } from "../progress/index.ts";
import { Events } from "./certificate.event.ts";
import { certificateTable, formerCertificateTable } from "./certificate.sql.ts";
import { newNumber, parseNumber } from "./number.ts";

export { Events } from "./certificate.event.ts";
export { parseNumber } from "./number.ts";

/** Everything the paper says, and nothing else of the person. */
export const Info = z.object({
  number: z.string(),
  learnerName: z.string(),
  courseTitle: z.string(),
  schoolName: z.string(),
  lessons: z.number().int(),
  minutes: z.number().int(),
  issuedAt: z.string(),
  /** The day of issue in the school's zone, `2026-03-12`: the date on the paper. */
  issuedOn: z.string(),
  status: z.enum(["valid", "revoked"]),
});
export type Info = z.infer<typeof Info>;

export const Mine = Info.extend({ id: z.string(), courseId: z.string() });
export type Mine = z.infer<typeof Mine>;

/** The signed-in person's valid certificates, newest first. */
export const mine = fn.self("certificate.read", z.object({}).prefault({}), async (me): Promise<{ items: Mine[] }> => {
  const rows = await readMine(me, isNull(certificateTable.revokedAt));
  return { items: rows.map((row) => ({ ...toInfo(row), id: row.id, courseId: row.courseId })) };
});

/** The signed-in person's certificate of one course, revoked or not; null while there is none. */
export const mineOf = fn.self(
  "certificate.read",
  z.object({ courseId: z.string() }),
  async (me, { courseId }): Promise<Info | null> => {
    const [row] = await readMine(me, eq(certificateTable.courseId, courseId));
    return row ? toInfo(row) : null;
  },
);

/** The number that replaced this one, for the certificate's own holder; null for anyone else and for other numbers. */
export const newNumberOf = fn.self(
  "certificate.read",
  z.object({ number: z.string().max(100) }),
  async ({ userId }, { number }): Promise<string | null> => {
    const former = parseNumber(number);
    if (!former) return null;
    const [row] = await Db.use((tx) =>
      tx
        .select({ number: certificateTable.number })
        .from(formerCertificateTable)
        .innerJoin(certificateTable, eq(certificateTable.id, formerCertificateTable.certificateId))
        .where(and(eq(formerCertificateTable.number, former), eq(certificateTable.userId, userId))),
    );
    return row?.number ?? null;
  },
);

async function readMine({ userId }: UserActor, which: SQL): Promise<Row[]> {
  return Db.use((tx) =>
    tx
      .select()
      .from(certificateTable)
      .where(and(eq(certificateTable.userId, userId), which))
      .orderBy(desc(certificateTable.issuedAt))
      .limit(500),
  );
}

/**
 * Returns this school's certificate with the number. A 404 says whether the number is mistyped or just unknown here.
 */
export const byNumber = fn.public(
  "anyone who holds a certificate's number may check it; it says only what the certificate says",
  z.object({ number: z.string().max(100) }),
  async ({ number }): Promise<Info> => {
    const parsed = parseNumber(number);
    if (!parsed) {
      const message = "That number is incomplete or mistyped. It looks like LRN-7K2M-9QXT-4F.";
      throw new DomainError("not_found", "certificate.mistyped", message, { number: message });
    }
    const [row] = await Db.use((tx) => tx.select().from(certificateTable).where(eq(certificateTable.number, parsed)));
    if (!row) {
      await refuseFormer(parsed);
      throw unknown();
    }
    return toInfo(row);
  },
);

/**
 * Issues the certificate of a completed course and publishes `certificate.issued`, once per enrollment. Null when the
 * course is not completed, for example after a reset.
 */
export const issue = fn.system(
  "only the consumer of course.completed and the reconciliation call it, as the system",
  z.object({ enrollmentId: z.string() }),
  async ({ enrollmentId }): Promise<{ certificateId: string; isNew: boolean } | null> => {
    const [enrollment] = await Db.use((tx) =>
      tx
        .select({ id: enrollmentTable.id, courseId: enrollmentTable.courseId, userId: enrollmentTable.userId })
        .from(enrollmentTable)
        .where(eq(enrollmentTable.id, enrollmentId)),
    );
    if (!enrollment) return null;
    const stored = await readStored(enrollment);
    return Db.use(async (tx) => {
      const [known] = await tx
        .select({ id: certificateTable.id })
        .from(certificateTable)
        .where(eq(certificateTable.enrollmentId, enrollmentId));
      if (known) return { certificateId: known.id, isNew: false };
      const [outline, people] = await Promise.all([
        readOutline(enrollment.courseId),
        tx.select().from(userTable).where(eq(userTable.id, enrollment.userId)),
      ]);
      const [person] = people;
      if (!outline || !person || !complete(stored, outline).completed) return null;
      const [row] = await tx
        .insert(certificateTable)
        .values({
          id: createId("certificate"),
          number: newNumber(),
          enrollmentId,
          courseId: enrollment.courseId,
          userId: enrollment.userId,
          learnerName: nameOf(person),
          courseTitle: outline.title,
          schoolName: Actor.useSchool().name,
          issuedOn: today(),
          lessons: stored.mark?.total ?? outline.lessons.length,
          minutes: outline.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
        })
        .onConflictDoNothing({ target: certificateTable.enrollmentId })
        .returning({ id: certificateTable.id });
      if (!row) {
        const [other] = await tx
          .select({ id: certificateTable.id })
          .from(certificateTable)
          .where(eq(certificateTable.enrollmentId, enrollmentId));
        return other ? { certificateId: other.id, isNew: false } : null;
      }
      await Events.Issued.emit({ certificateId: row.id });
      return { certificateId: row.id, isNew: true };
    });
  },
);

const Ref = z.object({ number: z.string().max(100) });

/**
 * Revokes a certificate. The public check reports it, the learner gets a mail with the reason, and the audit trail
 * keeps it.
 */
export const revoke = fn.any(
  "certificate.manage",
  Ref.extend({
    reason: z.string().overwrite(oneLine).min(3, "Say why, in a few words.").max(500, "At most 500 characters."),
  }),
  ({ number, reason }) =>
    Db.use(async (tx): Promise<Info> => {
      const before = await locked(tx, number);
      if (before.revokedAt)
        throw new DomainError("conflict", "certificate.revoked", "This certificate is revoked already.");
      const [row] = await tx
        .update(certificateTable)
        .set({ revokedAt: new Date(), revokedReason: reason })
        .where(eq(certificateTable.id, before.id))
        .returning();
      if (!row) throw unknown();
      await Audit.record({
        action: "certificate.revoked",
        targetType: "user",
        targetId: row.userId,
        data: { number: row.number, course: row.courseTitle, reason },
      });
      await Events.Revoked.emit({ certificateId: row.id });
      return toInfo(row);
    }),
);

/**
 * Reissues a certificate, also a revoked one, under a new number, with the learner's current name and today's date. The
 * public check then reports the old number as invalid, without a name.
 */
export const reissue = fn.any("certificate.manage", Ref, ({ number }) =>
  Db.use(async (tx): Promise<Info> => {
    const before = await locked(tx, number);
    const [person] = await tx.select().from(userTable).where(eq(userTable.id, before.userId));
    if (!person) throw unknown();
    await tx.insert(formerCertificateTable).values({
      number: before.number,
      certificateId: before.id,
      status: before.revokedAt ? "revoked" : "replaced",
      issuedOn: before.issuedOn,
    });
    const [row] = await tx
      .update(certificateTable)
      .set({
        ...{ number: newNumber(), learnerName: nameOf(person), issuedAt: new Date(), issuedOn: today() },
        ...{ revokedAt: null, revokedReason: null },
      })
      .where(eq(certificateTable.id, before.id))
      .returning();
    if (!row) throw unknown();
    await Audit.record({
      action: "certificate.reissued",
      targetType: "user",
      targetId: row.userId,
      data: { number: row.number, formerNumber: before.number, course: row.courseTitle },
    });
    await Events.Issued.emit({ certificateId: row.id });
    return toInfo(row);
  }),
);

/** The certificate with this number, held until the commit. */
async function locked(tx: Db.Tx, number: string): Promise<Row> {
  const parsed = parseNumber(number);
  const [row] = parsed
    ? await tx.select().from(certificateTable).where(eq(certificateTable.number, parsed)).for("update")
    : [];
  if (!row) throw unknown();
  return row;
}

/** @throws certificate.replaced or certificate.revoked for a number that a reissue has retired */
async function refuseFormer(number: string): Promise<void> {
  const [former] = await Db.use((tx) =>
    tx.select().from(formerCertificateTable).where(eq(formerCertificateTable.number, number)),
  );
  if (!former) return;
  if (former.status === "revoked")
    throw new DomainError(
      "not_found",
      "certificate.revoked",
      "The school has revoked the certificate with that number.",
    );
  throw new DomainError(
    "not_found",
    "certificate.replaced",
    "The school has replaced the certificate with that number by a newer one. Ask its holder for it.",
  );
}

const unknown = (): DomainError =>
  new DomainError("not_found", "certificate.not_found", "This school has not issued a certificate with that number.");

const nameOf = (person: { readonly givenName: string; readonly familyName: string }): string =>
  `${person.givenName} ${person.familyName}`.trim();

/** The date in the school's zone, as Postgres reads it. */
const today = (): string =>
  new Intl.DateTimeFormat("en-CA", {
    ...{ year: "numeric", month: "2-digit", day: "2-digit", timeZone: Actor.useSchool().zone },
  }).format(new Date());

type Row = typeof certificateTable.$inferSelect;

const toInfo = (row: Row): Info => ({
  number: row.number,
  learnerName: row.learnerName,
  courseTitle: row.courseTitle,
  schoolName: row.schoolName,
  lessons: row.lessons,
  minutes: row.minutes,
  issuedAt: row.issuedAt.toISOString(),
  issuedOn: row.issuedOn,
  status: row.revokedAt ? "revoked" : "valid",
});

export * as Certificate from "./index.ts";
export { certificateMail } from "./mail.ts";
