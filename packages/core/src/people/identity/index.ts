/** Accounts, roles, invitations, sessions and tokens of a school's people. */

export {
  changePassword,
  checkPassword,
  checkSecondFactor,
  issueCode,
  requestReset,
  resendMyVerification,
  resendVerification,
  resetByToken,
  resetPassword,
  signUp,
  takesSignUps,
  trustBrowser,
  useCode,
  verificationByToken,
  verifyEmail,
} from "./account.ts";
export { readAddresses } from "./address-list.ts";
export { AuthStore } from "./auth-store.ts";
export { checkPermissions } from "./check.ts";
export {
  cancelEmailChange,
  changeEmail,
  changeEmailOf,
  confirmEmailChange,
  emailChangeByToken,
  moveInFinder,
  pendingEmail,
  undoEmailChange,
} from "./email-change.ts";
export { mintInvitation, mintToken, purgeTokens } from "./email-token.ts";
export { erase, eraseItems, ownRows } from "./erase.ts";
export { eraseFromFinder, finderMail, findSchools, indexForFinder } from "./finder.ts";
export { Events } from "./identity.event.ts";
export * as Identity from "./index.ts";
export {
  AcceptInvitation,
  accept,
  BulkResult,
  type Enroll,
  hasInvited,
  InvitationInfo,
  InvitationToken,
  InviteMany,
  invitationStatuses,
  invitations,
  invite,
  inviteEach,
  mostInvited,
  readInvitation,
  resendInvitation,
  revokeInvitation,
} from "./invitations.ts";
export { Inviter } from "./inviter.ts";
export { KnownDevice } from "./known-device.ts";
export { startPageOf } from "./landing.ts";
export { demoPassword, refusalOf as passwordRefusal, rules as passwordRules } from "./password.ts";
export {
  activities,
  checkOwner,
  create,
  createOwner,
  departments,
  exportAll,
  get,
  list,
  me,
  peopleSorts,
  reinstate,
  suspend,
  update,
  updateMe,
} from "./people.ts";
export { InvitationRef, invitationMail, type Recipient, Recipients } from "./recipients.ts";
export { mayStill, Rights } from "./rights.ts";
export { rolesInWords } from "./role-words.ts";
export {
  applyAsInstructor,
  decideRoleRequest,
  grantRole,
  myRoleRequest,
  RequestInfo,
  revokeRole,
  roleRequests,
} from "./roles.ts";
export { type SecondFactor, SecondFactors } from "./second-factor.ts";
export { Session } from "./session.ts";
export { Token } from "./token.ts";
export { tokenLink } from "./token-link.ts";
export { Info, personHas } from "./user.ts";
export { openWish, sealWish, Wish } from "./wish.ts";
