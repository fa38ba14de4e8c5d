import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { Resource } from "sst";
import { Aws } from "../aws/index.ts";
import type { Envelope } from "./index.ts";

/**
 * Puts one event on the bus at once, past all outboxes. For the end of a school only, whose outboxes go with it: everything
 * else is emitted, so that it is told when the change it tells of is written, and only then.
 */
export async function publish(event: Envelope, source: string): Promise<void> {
  const { Entries: [entry] = [] } = await Aws.eventbridge().send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: Resource.Bus.name, Source: source, DetailType: event.type, Detail: JSON.stringify(event) },
      ],
    }),
  );
  if (!entry?.EventId) throw new Error(`the bus does not take ${event.type}: ${entry?.ErrorCode}`);
}
