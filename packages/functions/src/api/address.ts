/** The part of a Hono context that says where a request came from. */
interface Caller {
  readonly req: { header(name: string): string | undefined };
  readonly env: unknown;
}

/**
 * The caller's address. Behind the edge the last entry of X-Forwarded-For is the one the edge wrote; what stands before
 * it came with the request and proves nothing.
 */
export function addressOf(c: Caller): string {
  const viewer = c.req.header("cloudfront-viewer-address");
  if (viewer) return viewer.slice(0, viewer.lastIndexOf(":"));
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
