import type { Sample } from "./open-model.ts";

/** Limits under load that block a release. */
export const limits = { p95Ms: 3_000, errorPercent: 0.1 } as const;

export interface Figures {
  readonly step: string;
  readonly requests: number;
  readonly errors: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface Verdict {
  readonly steps: readonly Figures[];
  readonly all: Figures;
  readonly reasons: readonly string[];
}

/** Judges each step separately, so that many fast requests cannot hide a slow page. */
export function judge(samples: readonly Sample[]): Verdict {
  const names = [...new Set(samples.map(({ step }) => step))].sort();
  const steps = names.map((step) =>
    figures(
      step,
      samples.filter((each) => each.step === step),
    ),
  );
  const all = figures("all", samples);
  const errorPercent = samples.length === 0 ? 100 : (100 * all.errors) / all.requests;
  const reasons = [
    ...(samples.length === 0 ? ["nothing was asked"] : []),
    ...[...steps, all]
      .filter(({ p95 }) => p95 > limits.p95Ms)
      .map(({ step, p95 }) => `${step}: p95 ${p95} ms is over ${limits.p95Ms} ms`),
    ...(errorPercent > limits.errorPercent
      ? [`${errorPercent.toFixed(2)} % of requests failed, over ${limits.errorPercent} %`]
      : []),
  ];
  return { steps, all, reasons };
}

function figures(step: string, samples: readonly Sample[]): Figures {
  const sorted = samples.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (percent: number) => Math.round(sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0);
  const errors = samples.filter(({ error }) => error !== undefined).length;
  return { step, requests: samples.length, errors, p50: at(50), p95: at(95), p99: at(99) };
}
