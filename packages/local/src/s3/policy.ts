import { isRecord } from "../util/files.ts";
import { S3Error } from "./error.ts";
import { verifyPolicy } from "./signature.ts";

export interface CheckedPolicy {
  minBytes: number;
  maxBytes: number;
}

/** Fields that need no condition. */
const free = new Set(["policy", "x-amz-signature", "awsaccesskeyid", "signature", "file", "bucket"]);

/**
 * Checks the fields of a browser's POST against its policy: signature, expiry, every condition, and no field without a
 * condition.
 * @param fields by lower-case name, `bucket` included
 * @returns the limits of the file's size in bytes
 * @throws S3Error
 */
export function checkPolicy(fields: ReadonlyMap<string, string>, now = Date.now()): CheckedPolicy {
  const denied = (why: string) => new S3Error("AccessDenied", `Invalid according to Policy: ${why}`);
  const encoded = fields.get("policy");
  if (!encoded) throw new S3Error("AccessDenied", "Access Denied: a POST needs a policy");
  verifyPolicy(encoded, fields.get("x-amz-credential") ?? "", fields.get("x-amz-signature") ?? "");
  const policy = parse(encoded);
  const expires = Date.parse(String(policy.expiration));
  if (Number.isNaN(expires)) throw new S3Error("InvalidPolicyDocument", "Invalid Policy: expiration is missing.");
  if (now >= expires) throw denied("Policy expired.");
  const conditions: unknown[] = Array.isArray(policy.conditions) ? policy.conditions : [];

  const limits: CheckedPolicy = { minBytes: 0, maxBytes: Number.MAX_SAFE_INTEGER };
  const covered = new Set<string>();
  for (const condition of conditions) {
    if (Array.isArray(condition) && condition[0] === "content-length-range") {
      limits.minBytes = Math.max(limits.minBytes, Number(condition[1]));
      limits.maxBytes = Math.min(limits.maxBytes, Number(condition[2]));
      continue;
    }
    for (const [kind, name, wanted] of rulesOf(condition)) {
      covered.add(name);
      if (!holds(kind, name, wanted, fields.get(name) ?? "")) {
        throw denied(`Policy Condition failed: ["${kind}", "$${name}", "${wanted}"]`);
      }
    }
  }
  if (!covered.has("key"))
    throw new S3Error("InvalidPolicyDocument", "Invalid Policy: a condition on the key is missing.");
  for (const name of fields.keys()) {
    if (!covered.has(name) && !free.has(name) && !name.startsWith("x-ignore-")) {
      throw denied(`Extra input fields: ${name}`);
    }
  }
  return limits;
}

function parse(encoded: string): Record<string, unknown> {
  try {
    const policy: unknown = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
    if (isRecord(policy)) return policy;
  } catch {}
  throw new S3Error("InvalidPolicyDocument", "Invalid Policy: it is not JSON.");
}

type Kind = "eq" | "starts-with";

function rulesOf(condition: unknown): [Kind, string, string][] {
  if (isRecord(condition)) {
    return Object.entries(condition).map(([name, value]) => ["eq", name.toLowerCase(), String(value)]);
  }
  if (Array.isArray(condition) && condition.length === 3) {
    const [kind, name, value] = condition.map(String);
    if ((kind === "eq" || kind === "starts-with") && name?.startsWith("$")) {
      return [[kind, name.slice(1).toLowerCase(), value ?? ""]];
    }
  }
  throw new S3Error("InvalidPolicyDocument", `Invalid Policy: ${JSON.stringify(condition)} is not a condition.`);
}

function holds(kind: Kind, name: string, wanted: string, actual: string): boolean {
  if (kind === "eq") return actual === wanted;
  // A list of content types must match the prefix in every entry.
  const values = name === "content-type" ? actual.split(",") : [actual];
  return values.every((value) => value.startsWith(wanted));
}
