// What every client of AWS is made with, wherever it is made. It reads nothing else, so the smallest function can have it.

/**
 * Returns the region and limits of a client. The region is the stage's home, from the function's configuration
 * (infra/places.ts): AWS's own variable names the region of the function, which differs for a page server elsewhere.
 *
 * `silenceMs` limits how long the service may neither send nor accept bytes. Without it the SDK waits forever, and a
 * hanging service would hold the caller until its function times out, so all attempts together must fit into that time.
 * It limits silence and not the whole call, so large transfers are not cut; a reader who pauses counts as silent. From
 * 6 seconds on the SDK starts counting after 3.
 */
export function onAws(silenceMs: number, maxAttempts = 4) {
  const region = process.env.LECTERN_HOME_REGION;
  return {
    maxAttempts,
    requestHandler: { connectionTimeout: 1_000, socketTimeout: silenceMs },
    ...(region && { region }),
  };
}
