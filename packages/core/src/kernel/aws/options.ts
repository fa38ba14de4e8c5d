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

/** What every client is made with. On a local stage each gets its part's endpoint; nothing else differs. */
export function options(part: Part) {
  const local = localCloud();
  if (!local) return onAws();
  return {
    endpoint: local.endpoints[part],
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
    maxAttempts: 4,
  };
}

export const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
