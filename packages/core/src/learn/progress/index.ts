export { complete, completion, type Fact, type Rules, standingOf } from "./completion.ts";
export * as Progress from "./index.ts";
export { enrolledMail } from "./mail.ts";
export { recompute, reset } from "./manage.ts";
export { milestone } from "./milestone.ts";
export { type Outline, readOutline } from "./outline.ts";
export { Events } from "./progress.event.ts";
export {
  Dashboard,
  DashboardCourse,
  dashboard,
  Explained,
  FactInfo,
  Glance,
  glance,
  of,
  State,
  state,
} from "./reading.ts";
export { reconcile } from "./reconcile.ts";
export { markDone, opened, record, recordFor, reopen } from "./record.ts";
export { exportRoster, Learner, learner, RosterItem, roster, rosterSorts } from "./roster.ts";
export { readStored } from "./store.ts";
export { Remaining, Resume, Summary } from "./summary.ts";
