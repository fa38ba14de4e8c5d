import { Edge } from "@lectern/core/kernel/edge";

interface Caller {
  readonly req: { header(name: string): string | undefined };
  readonly env: unknown;
}

/** Returns the network that limits count the caller under. */
export const networkOf = (c: Caller): string => Edge.networkOf(addressOf(c));

/** Returns the caller's address: behind the edge, the one that the edge adds to X-Forwarded-For. */
export function addressOf(c: Caller): string {
  const forwarded = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded || sourceIpOf(c.env) || "unknown";
}

/** Reads the address from an API Gateway or function URL event. */
function sourceIpOf(bindings: unknown): string | undefined {
  const context = property(property(bindings, "event"), "requestContext");
  const ip = property(property(context, "http"), "sourceIp");
  return typeof ip === "string" ? ip : undefined;
}

const property = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
