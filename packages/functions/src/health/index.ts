import { performance } from "node:perf_hooks";
import { Observe } from "@lectern/core/house/observe";

export interface Live {
  readonly status: "ok";
  readonly release: string;
  readonly uptimeSeconds: number;
}

export interface Ready {
  readonly status: "ready" | "down";
  readonly release: string;
  readonly uptimeSeconds: number;
  readonly checks: readonly Observe.Part[];
}

const release = (): string => process.env.LECTERN_RELEASE ?? "dev";
const uptimeSeconds = (): number => Math.round(process.uptime());

/** Says that the process answers. Calls no dependency, so a slow one never restarts a healthy process. */
export const live = (): Live => ({ status: "ok", release: release(), uptimeSeconds: uptimeSeconds() });

const rememberMs = 1_000;
let last: { at: number; parts: Promise<readonly Observe.Part[]> } | undefined;

/** Each part and how long it took to answer. Asked at most once a second, however many ask. */
export async function ready(): Promise<Ready> {
  const now = performance.now();
  if (!last || now - last.at > rememberMs) last = { at: now, parts: Observe.parts() };
  const checks = await last.parts;
  return {
    status: checks.every(({ ok }) => ok) ? "ready" : "down",
    release: release(),
    uptimeSeconds: uptimeSeconds(),
    checks,
  };
}

export * as Health from "./index.ts";
