import type { Reaction } from "./consumer.ts";
import {
  passwordChangedMail,
  sessionEndedMail,
  signInGuessedMail,
  signUpRepeatedMail,
} from "./reactions/account-mails.ts";
import { certificateIssued } from "./reactions/certificate-issued.ts";
import { certificateRevoked } from "./reactions/certificate-revoked.ts";
import { courseCompleted } from "./reactions/course-completed.ts";
import { courseImport } from "./reactions/course-import.ts";
import { domainTurnedMail } from "./reactions/domain-turned-mail.ts";
import { domainRemoved, domainRequested } from "./reactions/domains.ts";
import { editionMoved } from "./reactions/edition-moved.ts";
import { emailChangedMail, emailChangeMail } from "./reactions/email-change-mails.ts";
import { enrolled } from "./reactions/enrolled.ts";
import { finderEntry } from "./reactions/finder-entry.ts";
import { finderMail } from "./reactions/finder-mail.ts";
import { halfway } from "./reactions/halfway.ts";
import { invitationMail } from "./reactions/invitation-mail.ts";
import { mailFeedback } from "./reactions/mail-feedback.ts";
import { ownerAddedMail } from "./reactions/owner-added-mail.ts";
import { passwordResetMail } from "./reactions/password-reset-mail.ts";
import { roleRequestDecided, roleRequestReceived } from "./reactions/role-requests.ts";
import { schoolOpened } from "./reactions/school-opened.ts";
import { settingsFollowed } from "./reactions/settings-followed.ts";
import { verificationMail } from "./reactions/verification-mail.ts";
import { welcome } from "./reactions/welcome.ts";

/** Everything that happens because something happened: each a queue with its rule, its function and its dead letters. */
export const reactions: readonly Reaction[] = [
  schoolOpened,
  settingsFollowed,
  finderEntry,
  welcome,
  verificationMail,
  passwordResetMail,
  signUpRepeatedMail,
  sessionEndedMail,
  emailChangeMail,
  emailChangedMail,
  passwordChangedMail,
  signInGuessedMail,
  ownerAddedMail,
  invitationMail,
  roleRequestReceived,
  roleRequestDecided,
  finderMail,
  enrolled,
  halfway,
  courseCompleted,
  certificateIssued,
  certificateRevoked,
  courseImport,
  domainRequested,
  domainRemoved,
  domainTurnedMail,
  editionMoved,
  mailFeedback,
];
