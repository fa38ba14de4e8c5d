import { eq } from "drizzle-orm";
import { Db } from "../../kernel/db/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import * as Identity from "../../people/identity/index.ts";
import { courseTable } from "../course/course.sql.ts";
import { enrollInvited } from "./invited.ts";

// Invitations belong to people; this adds the course's details and the enrollment.

/**
 * Invites up to 200 addresses (also as `Name <address>`) and returns a result for each, in order: `sent`; `enrolled`,
 * for a member added to the course; `member`; `open`, for an invitation already waiting; `invalid`; `over_budget`;
 * `refused`. A refused address stops no other.
 */
export const inviteMany = fn.any("user.invite", Identity.InviteMany, (input) =>
  Identity.inviteEach(input, enrollInvited),
);

const proof = "the token in the mail is the proof";

/**
 * Returns what an invitation's link opens, for its page. 410 when it was used, was revoked, has expired or has lost its
 * inviter.
 */
export const invitationByToken = fn.public(proof, Identity.InvitationToken, ({ token }) =>
  Db.use(async (tx) => {
    const { courseId, ...invited } = await Identity.readInvitation(tx, token);
    return { ...invited, courseTitle: (await courseOf(tx, courseId))?.title ?? null };
  }),
);

/**
 * Accepts an invitation, once: creates the account (the mail proves the address), or adds the roles to a confirmed one,
 * whose name and password stay. An unconfirmed account gets this name and password and loses its tokens. Enrolls in the
 * invitation's course while that takes learners.
 */
export const acceptInvitation = fn.public(proof, Identity.AcceptInvitation, async (input) => {
  const { courseId, ...accepted } = await Identity.accept(input, enrollInvited);
  return { ...accepted, course: await Db.use((tx) => courseOf(tx, courseId)) };
});

/** Returns an invitation's content for its mail; null when it was removed. System only. */
export const invitationMail = fn.system("a consumer that notifies people", Identity.InvitationRef, (input) =>
  Db.use(async (tx) => {
    const invited = await Identity.invitationMail(tx, input);
    return invited && { ...invited, course: (await courseOf(tx, invited.courseId))?.title ?? null };
  }),
);

async function courseOf(tx: Db.Tx, courseId: string | null): Promise<{ id: string; title: string } | null> {
  if (courseId === null) return null;
  const [course] = await tx
    .select({ id: courseTable.id, title: courseTable.title })
    .from(courseTable)
    .where(eq(courseTable.id, courseId));
  return course ?? null;
}
