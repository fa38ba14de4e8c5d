export { context, type LambdaContext } from "./context.ts";
export { type Functions, start } from "./functions.ts";
export { applyHead, type HttpHandler, type HttpResult, invoke, maxBodyBytes, toEvent, toResult } from "./http.ts";
export { consume, type QueueEvent, type QueueHandler } from "./queue.ts";
export { every, type ScheduleHandler } from "./schedule.ts";
