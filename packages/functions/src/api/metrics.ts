import { OpenMetrics } from "@lectern/core/house/observe";
import { Operator } from "@lectern/core/house/ops";
import { RateLimit } from "@lectern/core/house/rate-limit";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { networkOf } from "./address.ts";
import { send } from "./answer.ts";
import type { ApiContext } from "./context.ts";
import { HttpRefusal } from "./problem.ts";

/** Enough for any scraper, too few to guess a token. */
const limit = { bucket: "api.metrics", max: 120, perSeconds: 60 } as const;

/** Serves `GET /metrics`: this process's counters, on the platform's host, for callers with the operators' token. */
export async function serveMetrics(c: ApiContext): Promise<Response> {
  const host = Directory.normalise(c.req.header("x-forwarded-host") ?? c.req.header("host") ?? "");
  if (host !== Directory.platformHost()) {
    throw new HttpRefusal(404, "route.not_found", "There is nothing at this address.");
  }
  await RateLimit.require({ ...limit, key: `address ${networkOf(c)}`, local: c.req.header("x-lectern-local") });
  const [scheme, token] = (c.req.header("authorization") ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || !(await Operator.isOperator(token))) {
    throw new DomainError("unauthenticated", "auth.required", "This address is for operators.");
  }
  return send(c, OpenMetrics.text(), { status: 200, type: OpenMetrics.contentType });
}
