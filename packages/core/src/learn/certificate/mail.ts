import { and, eq } from "drizzle-orm";
import * as z from "zod";
import { Recipients } from "../../people/identity/index.ts";
import { userTable } from "../../people/identity/user.sql.ts";
import { certificateTable, formerCertificateTable } from "./certificate.sql.ts";

const { about, recipientColumns, toRecipient } = Recipients;

/** Whose certificate it is, and what it says. */
export const certificateMail = about(z.object({ certificateId: z.string() }), async (tx, { certificateId }) => {
  const [row] = await tx
    .select({ ...recipientColumns, certificate: certificateTable })
    .from(certificateTable)
    .innerJoin(userTable, eq(userTable.id, certificateTable.userId))
    .where(and(eq(certificateTable.id, certificateId), eq(userTable.status, "active")));
  if (!row) return null;
  const { number, courseTitle, lessons, minutes, issuedOn, revokedAt, revokedReason } = row.certificate;
  const former = await tx
    .select({ number: formerCertificateTable.number })
    .from(formerCertificateTable)
    .where(eq(formerCertificateTable.certificateId, certificateId))
    .limit(1);
  return {
    isReissued: former.length > 0,
    ...{ to: toRecipient(row), number, courseTitle, lessons, minutes, issuedOn },
    revoked: revokedAt && { reason: revokedReason ?? "" },
  };
});
