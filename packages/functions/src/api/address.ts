import { Edge } from "@lectern/core/kernel/edge";

/** The part of a Hono context that says where a request came from. */
interface Caller {
  readonly req: { header(name: string): string | undefined };
  readonly env: unknown;
}

/** The network that a limit counts the caller under. */
export const networkOf = (c: Caller): string => Edge.networkOf(addressOf(c));

/** The caller's address: behind the edge, the one the edge wrote into X-Forwarded-For. */
export function addressOf(c: Caller): string {
  const forwarded = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded || sourceIpOf(c.env) || "unknown";
}

/** As the event of API Gateway or of a function address says it. */
function sourceIpOf(bindings: unknown): string | undefined {
  const context = property(property(bindings, "event"), "requestContext");
  const ip = property(property(context, "http"), "sourceIp");
  return typeof ip === "string" ? ip : undefined;
}

const property = (of: unknown, name: string): unknown =>
  typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
