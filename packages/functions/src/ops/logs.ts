import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Ops } from "@lectern/core/ops";
import * as z from "zod";

/** What a subscription of a log group hands to a function: base64 of gzip of JSON. */
export interface LogsEvent {
  readonly awslogs: { readonly data: string };
}

const Delivery = z.object({
  messageType: z.enum(["DATA_MESSAGE", "CONTROL_MESSAGE"]),
  logGroup: z.string(),
  logStream: z.string(),
  logEvents: z.array(z.object({ id: z.string(), timestamp: z.number(), message: z.string() })),
});

const unzip = promisify(gunzip);
/** A delivery is 6 MB at most as it comes; text packs well, and a bomb must not take the function down. */
const maxBytes = 256 * 1024 * 1024;

/**
 * Takes in the lines that a log group's subscription has chosen: errors, slow requests and metrics. A delivery that comes again
 * is known by its first and last event and changes nothing; one that fails is tried again by Lambda.
 */
export async function handler({ awslogs }: LogsEvent): Promise<Ops.Gathered | undefined> {
  const bytes = await unzip(Buffer.from(awslogs.data, "base64"), { maxOutputLength: maxBytes });
  const { messageType, logGroup, logEvents } = Delivery.parse(JSON.parse(bytes.toString("utf8")));
  const [first] = logEvents;
  const last = logEvents.at(-1);
  // CloudWatch asks now and then whether the destination is there.
  if (messageType === "CONTROL_MESSAGE" || !first || !last) return undefined;
  return Ops.gather(
    logEvents.map(({ message }) => message),
    `${logGroup} ${first.id} ${last.id} ${logEvents.length}`,
  );
}
