import { randomUUID } from "node:crypto";
import { messageOf } from "../util/part.ts";
import { context, type LambdaContext } from "./context.ts";

export type ScheduleHandler = (event: unknown, context: LambdaContext) => Promise<unknown> | unknown;

/**
 * Calls a handler every `everyMs` with a scheduled rule's event. Calls never overlap; a failure is logged.
 * @returns stops it after the current call
 */
export function every(
  everyMs: number,
  name: string,
  handler: ScheduleHandler,
  log: (line: string) => void = () => {},
): () => Promise<void> {
  let running: Promise<void> | undefined;
  const run = async () => {
    try {
      await handler(
        {
          version: "0",
          id: randomUUID(),
          "detail-type": "Scheduled Event",
          source: "aws.events",
          account: "000000000000",
          time: `${new Date().toISOString().slice(0, 19)}Z`,
          region: "us-east-1",
          resources: [`arn:aws:events:us-east-1:000000000000:rule/${name}`],
          detail: {},
        },
        context(name),
      );
    } catch (error) {
      log(`${name} failed: ${messageOf(error)}`);
    }
  };
  const timer = setInterval(() => {
    running ??= run().finally(() => {
      running = undefined;
    });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
