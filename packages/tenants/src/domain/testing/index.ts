import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Route } from "@lectern/core/kernel/actor";
import { Resource } from "sst";
import { asSystem } from "../../testing/index.ts";
import { readClaim } from "../claims.ts";
import { Domain } from "../index.ts";

// Acts as the owner of a domain at their DNS provider, on the local stage.

/** Returns a unique name. */
export const aHost = (): string => `learn.t-${randomBytes(6).toString("hex")}.edu`;

const post = async (form: Record<string, string>): Promise<void> => {
  const response = await fetch(`${Resource.LocalCloud?.endpoints.cloudfront}/dns`, {
    method: "POST",
    body: new URLSearchParams(form),
    redirect: "manual",
  });
  if (response.status !== 303) throw new Error(`the local DNS refused ${JSON.stringify(form)}`);
};

export const setRecord = (record: { type: string; name: string; value: string }): Promise<void> =>
  post({ intent: "set", ...record });

export const removeRecords = (name: string): Promise<void> => post({ intent: "remove", name });

/** Advances a domain like `Domain.follow`, but without waiting for its due time. */
export const hurry = (school: Route, host: string): Promise<void> =>
  asSystem(school, async () => {
    const until = Date.now() + 30_000;
    for (;;) {
      const dueAt = await Domain.advance(host);
      const claim = await readClaim(school.schoolId, host);
      const isHeldUp = claim?.reason !== undefined && claim.reason !== "letting_go";
      if (!dueAt || !claim || isHeldUp || claim.state === "requested") return;
      if (claim.state === "active" && Date.parse(dueAt) > Date.now()) return;
      if (Date.now() > until) throw new Error(`${host} is still ${claim.state}`);
      await sleep(20);
    }
  });
