import * as z from "zod";
import { defineEvent } from "../../kernel/event/index.ts";

/** Past tense, ids only: a subscriber reads the current row. Tokens are minted by the consumer that sends the mail. */
export const Events = {
  Registered: defineEvent("user.registered", z.object({ userId: z.string() })),
  VerificationRequested: defineEvent("user.verification_requested", z.object({ tokenId: z.string() })),
  PasswordResetRequested: defineEvent("user.password_reset_requested", z.object({ tokenId: z.string() })),
  /** Visitors read the names of those who teach. */
  Renamed: defineEvent("user.renamed", z.object({ userId: z.string() })),
  /** A sign-up with the address of an existing account: a mail notifies its owner, the page says nothing. */
  SignUpRepeated: defineEvent(
    "user.sign_up_repeated",
    z.object({
      userId: z.string(),
      /** The course they wanted to enroll in. */
      courseId: z.string().optional(),
    }),
  ),
  EmailChangeRequested: defineEvent("user.email_change_requested", z.object({ tokenId: z.string() })),
  /** The address has changed; the token lets the former address undo it. */
  EmailChanged: defineEvent("user.email_changed", z.object({ tokenId: z.string() })),
  /** A refresh token was used twice: it may have been copied, so the session was ended. */
  TokenReused: defineEvent("user.token_reused", z.object({ userId: z.string() })),
  /** A password was set: by the person, by a mail's link, or by an admin. In the words of the letter. */
  PasswordChanged: defineEvent(
    "user.password_changed",
    z.object({ userId: z.string(), device: z.string().nullable(), network: z.string().nullable() }),
  ),
  /** Somebody tried wrong passwords until the account took no more from there. Told once a day. */
  SignInGuessed: defineEvent(
    "user.sign_in_guessed",
    z.object({ userId: z.string(), device: z.string().nullable(), network: z.string().nullable() }),
  ),
  OwnerAdded: defineEvent("user.owner_added", z.object({ userId: z.string() })),
  Invited: defineEvent("user.invited", z.object({ invitationId: z.string() })),
  RoleRequestCreated: defineEvent("role_request.created", z.object({ roleRequestId: z.string() })),
  RoleRequestDecided: defineEvent("role_request.decided", z.object({ roleRequestId: z.string() })),
  FinderRequested: defineEvent("finder.requested", z.object({ finderId: z.string() })),
};
