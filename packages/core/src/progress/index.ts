export { complete, completion, type Fact, type Rules, standingOf } from "./completion.ts";
export * as Progress from "./index.ts";
export { recompute, reset } from "./manage.ts";
export { Events } from "./progress.event.ts";
export { Dashboard, DashboardCourse, dashboard, Explained, FactInfo, of } from "./reading.ts";
export { reconcile } from "./reconcile.ts";
export { markDone, opened, record } from "./record.ts";
export { Learner, learner, RosterItem, roster, rosterSorts } from "./roster.ts";
export { Remaining, Resume, Summary } from "./summary.ts";
