import { Resource } from "sst";
import type { z } from "zod";
import { Aws } from "../aws/index.ts";
import { lazy } from "../lazy/index.ts";
import { type EventDefinition, envelope, sourceOf } from "./define.ts";

const eventbridge = lazy(() => import("../aws/parts/eventbridge.ts"));

/**
 * Publishes one event without an outbox. Only for removing a school, which also removes its outboxes. All other code
 * emits, so that an event is published exactly when its change commits.
 */
export async function publish<S extends z.ZodType>(
  { type, version, schema }: EventDefinition<S>,
  data: z.input<S>,
): Promise<void> {
  const { PutEventsCommand } = await eventbridge();
  const event = envelope({ type, version, data: schema.parse(data) });
  const { Entries: [entry] = [] } = await Aws.eventbridge().send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: Resource.Bus.name, Source: sourceOf(type), DetailType: type, Detail: JSON.stringify(event) },
      ],
    }),
  );
  if (!entry?.EventId) throw new Error(`the bus does not take ${type}: ${entry?.ErrorCode}`);
}
