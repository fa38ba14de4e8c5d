import { Resource } from "sst";
import { Aws, localCloud } from "../aws/index.ts";
import { log } from "../log/index.ts";

// Secrets are in Secrets Manager on AWS, encrypted with our key and rotated. A function's environment contains only
// their ARNs. A local stage has the values among its resources.

export type SecretName =
  | "SessionSecret"
  | "FinderKey"
  | "OperatorToken"
  | "InternalKeys"
  | "DatabaseMigratorPassword"
  | "DatabaseProvisionerPassword";

/** After so long a value is read again: how long a turned secret may stay unknown here. */
const keepMs = 5 * 60_000;
/** The shortest interval between rereads after a bad seal. Without it, forged seals would each cause a call. */
const rereadMs = 5_000;

const versions = ["AWSCURRENT", "AWSPREVIOUS"] as const;
type Version = (typeof versions)[number];
interface Held {
  /** Undefined: there is no such version. */
  readonly value: string | undefined;
  readonly readAt: number;
}

const held = new Map<string, Held>();
const asking = new Map<string, Promise<Held>>();

/**
 * Returns the current value, cached for five minutes. When Secrets Manager is unavailable, the cached value stays
 * valid.
 */
export async function get(name: SecretName): Promise<string> {
  const { value } = await read(name, "AWSCURRENT");
  if (!value) throw new Error(`the secret ${name} has no value`);
  return value;
}

/**
 * Tries the current value and then the previous one, which stays valid until the next rotation, if the caller still
 * accepts it. `attempt` returns undefined for a refusal; when it refuses both, rereads the secret once, because another
 * process may have just rotated it. Undefined when nothing fits.
 */
export async function accept<T>(
  name: SecretName,
  attempt: (value: string) => T | undefined,
  { withPrevious = true } = {},
): Promise<T | undefined> {
  const order = withPrevious ? versions : versions.slice(0, 1);
  const tried = new Set<string>();
  const tryAll = async (): Promise<T | undefined> => {
    for (const version of order) {
      const { value } = await read(name, version);
      if (!value || tried.has(value)) continue;
      tried.add(value);
      const answer = attempt(value);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return (await tryAll()) ?? (forget(name) ? tryAll() : undefined);
}

/** Makes the next read fetch again. False when that just happened, or the value cannot change. */
function forget(name: SecretName): boolean {
  const known = held.get(idOf(name, "AWSCURRENT"));
  if (localCloud() || !known || Date.now() - known.readAt < rereadMs) return false;
  for (const version of versions) held.delete(idOf(name, version));
  return true;
}

const idOf = (name: SecretName, version: Version): string => `${name} ${version}`;

async function read(name: SecretName, version: Version): Promise<Held> {
  if (localCloud())
    return { value: version === "AWSCURRENT" ? Resource.Secrets.values?.[name] : undefined, readAt: Date.now() };
  const id = idOf(name, version);
  const known = held.get(id);
  if (known && Date.now() - known.readAt < keepMs) return known;
  const underWay = asking.get(id);
  if (underWay) return underWay;
  const asked = fetch(name, version)
    .then((value): Held => ({ value, readAt: Date.now() }))
    .catch((error: unknown): Held => {
      if (!known) throw error;
      log.warn({ err: error, secret: name }, "a secret could not be read again; the known value stays");
      return { ...known, readAt: Date.now() };
    })
    .then((fresh) => {
      held.set(id, fresh);
      return fresh;
    })
    .finally(() => asking.delete(id));
  asking.set(id, asked);
  return asked;
}

async function fetch(name: SecretName, version: Version): Promise<string | undefined> {
  const arn = Resource.Secrets.arns?.[name];
  if (!arn) throw new Error(`this function is not linked to the secret ${name}`);
  const { client, GetSecretValueCommand } = await Aws.secretsManager();
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn, VersionStage: version }));
    return SecretString;
  } catch (error) {
    // A secret that was never turned has no version before.
    if (version === "AWSPREVIOUS" && error instanceof Error && error.name === "ResourceNotFoundException")
      return undefined;
    throw error;
  }
}

export * as Secrets from "./index.ts";
export { Settings } from "./settings.ts";
