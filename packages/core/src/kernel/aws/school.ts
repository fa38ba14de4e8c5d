import { LRUCache } from "lru-cache";
import { onAws } from "./client/index.ts";
import { schoolTag } from "./wall.ts";

/** Temporary credentials of the school role, tagged with one school. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** As long as a role assumed by a role may last. */
export const sessionSeconds = 60 * 60;

/**
 * A presigned form or address expires with the credentials that signed it, so credentials must outlast the longest of
 * those (15 minutes). They are renewed a few minutes earlier in the background.
 */
const mustLastMs = 16 * 60_000;
const renewMs = 22 * 60_000;

/**
 * Returns the credentials of the school at work, cached until shortly before they expire. One client serves all
 * schools: the SDK calls this for each request, in that request's own async context.
 */
export function credentialsBySchool(schoolOf: () => string, assume: (school: string) => Promise<Credentials>) {
  const known = new LRUCache<string, Credentials>({ max: 2000 });
  const asking = new Map<string, Promise<Credentials>>();

  const renew = (school: string): Promise<Credentials> => {
    const underWay = asking.get(school);
    if (underWay) return underWay;
    const asked = assume(school)
      .then((fresh) => {
        known.set(school, fresh);
        return fresh;
      })
      .finally(() => asking.delete(school));
    asking.set(school, asked);
    return asked;
  };

  const provide = async (): Promise<Credentials> => {
    const school = schoolOf();
    const held = known.get(school);
    const leftMs = held ? held.expiration.getTime() - Date.now() : 0;
    if (!held || leftMs < mustLastMs) return renew(school);
    // What fails here is asked for again, and thrown, once it must be had.
    if (leftMs < renewMs) renew(school).catch(() => {});
    return held;
  };
  // So marked, the SDK does not keep the first school's answer for all the others.
  return Object.assign(provide, { memoized: true as const });
}

/** Assumes the role for one school. The session's name is the school's id, so CloudTrail shows it. */
export async function assumeFor(school: string, roleArn: string): Promise<Credentials> {
  const { client, AssumeRoleCommand } = await sts();
  const { Credentials: made } = await client.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: school,
      DurationSeconds: sessionSeconds,
      Tags: [{ Key: schoolTag, Value: school }],
    }),
  );
  if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken || !made.Expiration)
    throw new Error("STS answered without credentials");
  return {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    sessionToken: made.SessionToken,
    expiration: made.Expiration,
  };
}

let loaded: ReturnType<typeof loadSts> | undefined;
const sts = (): ReturnType<typeof loadSts> => {
  loaded ??= loadSts();
  return loaded;
};

/** Loaded when first used: a local stage never does. */
async function loadSts() {
  const { STSClient, AssumeRoleCommand } = await import("./parts/sts.ts");
  return { client: new STSClient(onAws(3_000)), AssumeRoleCommand };
}
