import { Edge } from "@lectern/core/kernel/edge";
import { RateLimit } from "@lectern/core/rate-limit";
import { ipOf } from "./request.server.ts";

/** How often one visitor may do something. A route that needs its own names one beside its permission. */
export interface Limit {
  readonly bucket: string;
  readonly max: number;
  readonly perSeconds: number;
}

export const limits = {
  /** Pages. */
  read: { bucket: "web.read", max: 600, perSeconds: 60 },
  /** Forms. */
  write: { bucket: "web.write", max: 120, perSeconds: 60 },
  /** Forms that send mail, check a password or open something. */
  careful: { bucket: "web.careful", max: 10, perSeconds: 600 },
  /** Files of people: each is all of them. */
  export: { bucket: "web.export", max: 20, perSeconds: 600 },
  /** Live checks while typing. */
  typing: { bucket: "web.typing", max: 120, perSeconds: 60 },
} as const satisfies Record<string, Limit>;

/** The one place a page or a form is counted. Refuses with 429 and when to come back. */
export const requireLimit = (request: Request, limit: Limit, userId?: string) =>
  RateLimit.require({
    ...limit,
    key: userId ?? Edge.networkOf(ipOf(request)),
    local: request.headers.get("x-lectern-local") ?? undefined,
  });
