import * as z from "zod";

// What API Gateway says about a connection, as far as it is used here.

/** `$connect`, before it is let through. */
export const Arriving = z.object({
  methodArn: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  requestContext: z.object({ connectionId: z.string() }),
});

/** Whose connection it is: what the authorizer has said stays with the connection. */
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

/** Names that a page offers as subprotocols: ours, and its access token, which so stands in no address and no log. */
export const protocol = "lectern";

export function header(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
