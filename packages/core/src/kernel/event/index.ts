/** What happened, told through an outbox: defined, emitted in the change's own transaction, published by the relay. */

export {
  defineEvent,
  type Envelope,
  type EventDefinition,
  type Former,
  outboxShards,
  sourceOf,
  was,
} from "./define.ts";
export * as Event from "./index.ts";
export { beforeFreeze, flushNudge, nudge, nudgeEvent, nudgeEveryMs } from "./nudge.ts";
export { OutboxItem } from "./outbox.entity.ts";
export { publish } from "./publish.ts";
