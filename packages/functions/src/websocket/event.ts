import * as z from "zod";

// The parts of API Gateway's connection events that we use.

/** `$connect`, before authorization. */
export const Arriving = z.object({
  methodArn: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ connectionId: z.string() }),
});

/** The authorizer's context, which API Gateway keeps with the connection. */
const Whose = z.object({ schoolId: z.string(), userId: z.string(), sessionId: z.string() });

export const Connected = z.object({
  requestContext: z.object({
    connectionId: z.string(),
    requestId: z.string(),
    eventType: z.enum(["CONNECT", "MESSAGE", "DISCONNECT"]),
    authorizer: Whose,
  }),
  body: z.string().optional(),
});
export type Connected = z.output<typeof Connected>;

/** Subprotocols that a page offers: ours and its access token, which so appears in no address and no log. */
export const protocol = "lectern";

export function header(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
