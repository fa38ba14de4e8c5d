import { RateLimit } from "@lectern/core/house/rate-limit";
import { Edge } from "@lectern/core/kernel/edge";
import { ipOf } from "./request.server.ts";

/** Rate limit of one visitor. A route passes its own beside its permission. */
export interface Limit {
  readonly bucket: string;
  readonly max: number;
  readonly perSeconds: number;
}

export const limits = {
  read: { bucket: "web.read", max: 600, perSeconds: 60 },
  write: { bucket: "web.write", max: 120, perSeconds: 60 },
  /** Forms that send mail, check a password or provision. */
  careful: { bucket: "web.careful", max: 10, perSeconds: 600 },
  /** Exports: each reads a whole list. */
  export: { bucket: "web.export", max: 20, perSeconds: 600 },
  typing: { bucket: "web.typing", max: 120, perSeconds: 60 },
} as const satisfies Record<string, Limit>;

/** Counts a page or form. Refuses with 429 and a retry time. */
export const requireLimit = (request: Request, limit: Limit, userId?: string) =>
  RateLimit.require({
    ...limit,
    key: userId ?? Edge.networkOf(ipOf(request)),
    local: request.headers.get("x-lectern-local") ?? undefined,
  });
