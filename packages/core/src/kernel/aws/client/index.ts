// The configuration of every AWS client. It imports nothing else, so the smallest function can use it.

/**
 * Returns the region and limits of a client. The region is the stage's home (infra/places.ts): AWS's own variable would
 * name the region of a page server elsewhere.
 *
 * `silenceMs` limits how long the service may neither send nor accept bytes; without it the SDK waits forever. All
 * attempts must fit into the function's timeout. A large transfer is not cut while it moves; a reader who pauses counts
 * as silent. From 6 seconds on the SDK starts counting after 3.
 */
export function onAws(silenceMs: number, maxAttempts = 4) {
  const region = process.env.LECTERN_HOME_REGION;
  return {
    maxAttempts,
    requestHandler: { connectionTimeout: 1_000, socketTimeout: silenceMs },
    ...(region && { region }),
  };
}
