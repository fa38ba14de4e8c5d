export { tellUntold } from "./alert.ts";
export { type ErrorGroup, errors } from "./errors.ts";
export { type Gathered, gather } from "./gather.ts";
export { Health, health } from "./health.ts";
export * as Ops from "./index.ts";
export { Operator } from "./operator.ts";
export { analyse, lastReport, type Report, type RouteReport, today } from "./performance.ts";
