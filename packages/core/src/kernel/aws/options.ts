import { Resource } from "sst";

/** A local part of the cloud, by the name of its endpoint. */
export type Part = keyof NonNullable<Resource["LocalCloud"]>["endpoints"];

/** Local stages only: where the parts listen. Undefined on AWS. */
export function localCloud(): Resource["LocalCloud"] {
  // A missing resource throws in sst, so the stage is asked first.
  return Resource.App.stage === "local" ? Resource.LocalCloud : undefined;
}

/**
 * What a client of AWS is made with. Data is where the stage is at home, which the function is told (infra/places.ts): a
 * pages' server may run in another region, and AWS's own variable names that one.
 */
export function onAws() {
  const region = process.env.LECTERN_HOME_REGION;
  return { maxAttempts: 4, ...(region && { region }) };
}

/**
 * How long a part may take to begin its answer, in milliseconds. The SDK itself waits for ever, so a part that hangs would
 * take every page with it until the function is ended: four attempts fit into its 20 seconds. Receiving from a queue waits on
 * purpose, and a large object takes its time: both have none.
 */
const patience: Partial<Record<Part, number>> = { dynamodb: 4_000, eventbridge: 5_000, ses: 10_000 };

const handlerOf = (part: Part) => {
  const requestTimeout = patience[part];
  return requestTimeout === undefined
    ? {}
    : { requestHandler: { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true } };
};

/** What every client is made with. On a local stage each gets its part's endpoint; nothing else differs. */
export function options(part: Part) {
  const local = localCloud();
  if (!local) return { ...onAws(), ...handlerOf(part) };
  return {
    endpoint: local.endpoints[part],
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
    maxAttempts: 4,
    ...handlerOf(part),
  };
}

export const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
