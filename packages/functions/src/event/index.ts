export { consumer, type Reaction } from "./consumer.ts";
export { unpark } from "./parked.ts";
export { reactions } from "./reactions.ts";
export { drain } from "./relay.ts";
export { RetryLater } from "./retry.ts";
