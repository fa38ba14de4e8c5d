// A histogram of 120 buckets from one millisecond to a minute and a half. Bounds grow by a tenth each, so values are
// exact to about five percent. Histograms can be added, days later too.

const growth = 1.1;
export const bucketCount = 120;

/** Milliseconds by bucket. */
export type Histogram = ReadonlyMap<number, number>;

/** The bucket of so many milliseconds. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(bucketCount - 1, Math.ceil(Math.log(ms) / Math.log(growth)));
}

export function histogramOf(samples: readonly number[]): Histogram {
  const histogram = new Map<number, number>();
  for (const ms of samples) histogram.set(bucketOf(ms), (histogram.get(bucketOf(ms)) ?? 0) + 1);
  return histogram;
}

export function sumOf(all: Iterable<Histogram>): Histogram {
  const sum = new Map<number, number>();
  for (const histogram of all) for (const [bucket, n] of histogram) sum.set(bucket, (sum.get(bucket) ?? 0) + n);
  return sum;
}

export const countOf = (histogram: Histogram): number => [...histogram.values()].reduce((sum, n) => sum + n, 0);

/** Returns the milliseconds below which this share of samples is: 0.95 for p95. Undefined without samples. */
export function percentileOf(histogram: Histogram, share: number): number | undefined {
  const count = countOf(histogram);
  if (count === 0) return undefined;
  const rank = Math.ceil(share * count);
  let seen = 0;
  for (const [bucket, n] of [...histogram].sort(([a], [b]) => a - b)) {
    seen += n;
    // The middle of the bucket, on the scale it is drawn on.
    if (seen >= rank) return bucket === 0 ? 1 : Math.round(growth ** (bucket - 0.5));
  }
  return undefined;
}
