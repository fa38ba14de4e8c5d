// What every client of AWS is made with, wherever it is made. It reads nothing else, so the smallest function can have it.

/**
 * The region and the limits of a client. Data is where the stage is at home, which the function is told (infra/places.ts): a
 * pages' server may run in another region, and AWS's own variable names that one.
 *
 * `silenceMs` is how long the service may say and take nothing while it is asked. The SDK itself waits for ever, so a part
 * that hangs would take whoever asks with it until the function is ended: all attempts together have to fit into its time.
 * Silence, and not the whole: what is large takes its time, coming or going, and is not cut while it moves. A reader who
 * pauses is silent too. From 6 seconds on the SDK begins to look after 3.
 */
export function onAws(silenceMs: number, maxAttempts = 4) {
  const region = process.env.LECTERN_HOME_REGION;
  return {
    maxAttempts,
    requestHandler: { connectionTimeout: 1_000, socketTimeout: silenceMs },
    ...(region && { region }),
  };
}
