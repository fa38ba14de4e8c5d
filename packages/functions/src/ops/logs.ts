import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Ops } from "@lectern/core/house/ops";
import * as z from "zod";

/** Event of a log subscription: base64 of gzip of JSON. */
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
/** Deliveries are at most 6 MB compressed; this bounds a decompression bomb. */
const maxBytes = 256 * 1024 * 1024;

/**
 * Stores the lines that a log subscription selects: errors, slow requests and metrics. A repeated delivery is
 * recognized by its first and last event; Lambda retries a failed one.
 */
export async function handler({ awslogs }: LogsEvent): Promise<Ops.Gathered | undefined> {
  const bytes = await unzip(Buffer.from(awslogs.data, "base64"), { maxOutputLength: maxBytes });
  const { messageType, logGroup, logEvents } = Delivery.parse(JSON.parse(bytes.toString("utf8")));
  const [first] = logEvents;
  const last = logEvents.at(-1);
  // CloudWatch sometimes checks whether the destination exists.
  if (messageType === "CONTROL_MESSAGE" || !first || !last) return undefined;
  return Ops.gather(
    logEvents.map(({ message }) => message),
    `${logGroup} ${first.id} ${last.id} ${logEvents.length}`,
  );
}
