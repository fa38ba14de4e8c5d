import { Resource } from "sst";
import { onAws } from "./client/index.ts";

/** Local stages only: where the parts listen. Undefined on AWS. */
export function localCloud(): Resource["LocalCloud"] {
  // A missing resource throws in sst, so the stage is asked first.
  return Resource.App.stage === "local" ? Resource.LocalCloud : undefined;
}

/** How long a service may be silent (`onAws`), and how many attempts it gets: a page has 20 seconds, a reaction 30. */
const limits = {
  dynamodb: [4_000],
  // Objects are as large as 200 MB, and S3 is asked by pages: three times fit.
  s3: [5_000, 3],
  sqs: [5_000],
  eventbridge: [5_000],
  // Only asked to take a call, and no page waits for it.
  lambda: [1_000, 2],
  ses: [10_000],
  // Slow to change anything, and asked by a reaction of a minute.
  cloudfront: [10_000],
  cloudfrontKvs: [5_000],
} as const satisfies Partial<Record<keyof NonNullable<Resource["LocalCloud"]>["endpoints"], Limit>>;

type Limit = readonly [silenceMs: number, maxAttempts?: number];
/** A part of the cloud, by the name of its local endpoint. */
export type Part = keyof typeof limits;

/** What every client is made with. On a local stage each gets its part's endpoint; nothing else differs. */
export function options(part: Part, limit: Limit = limits[part]) {
  const local = localCloud();
  const usual = onAws(...limit);
  if (!local) return usual;
  return {
    ...usual,
    endpoint: local.endpoints[part],
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
  };
}

export const once = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
