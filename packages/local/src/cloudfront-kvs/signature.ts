import { createECDH, createHash, createHmac, createPublicKey, type KeyObject, verify } from "node:crypto";

// Signature Version 4A: one signature for all regions. Both sides derive the key pair from the secret access key.

const algorithm = "AWS4-ECDSA-P256-SHA256";
/** The order of the curve P-256. */
const order = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

interface Signed {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** Returns whether the request is signed with this secret for this service in every region. */
export function isSigned(request: Signed, { id, secret }: { id: string; secret: string }, service: string): boolean {
  const { authorization = "", "x-amz-date": date = "", "x-amz-region-set": regions } = request.headers;
  const found = /^(\S+) Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(authorization);
  if (!found || regions !== "*") return false;
  const [, used, credential, names = "", signature = ""] = found;
  const scope = `${date.slice(0, 8)}/${service}/aws4_request`;
  if (used !== algorithm || credential !== `${id}/${scope}`) return false;
  const text = [algorithm, date, scope, sha256(canonical(request, names.split(";")))].join("\n");
  return verify("sha256", Buffer.from(text), publicKey(id, secret), Buffer.from(signature, "hex"));
}

function canonical({ method, target, headers, body }: Signed, names: readonly string[]): string {
  const [path = "/", query = ""] = target.split("?");
  return [
    method,
    // SigV4 encodes the sent path once more.
    path.split("/").map(encode).join("/"),
    query.split("&").filter(Boolean).sort().join("&"),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    names.join(";"),
    sha256(body),
  ].join("\n");
}

const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const known = new Map<string, KeyObject>();

/** NIST SP 800-108 in counter mode, until the result is a private key of the curve. */
function publicKey(id: string, secret: string): KeyObject {
  const kept = known.get(id);
  if (kept) return kept;
  for (let counter = 1; counter < 255; counter++) {
    const fixed = Buffer.concat([
      Buffer.from(algorithm),
      Buffer.from([0]),
      Buffer.from(id),
      Buffer.from([counter]),
      Buffer.from([0, 0, 1, 0]),
    ]);
    const digest = createHmac("sha256", `AWS4A${secret}`)
      .update(Buffer.concat([Buffer.from([0, 0, 0, 1]), fixed]))
      .digest("hex");
    const candidate = BigInt(`0x${digest}`);
    if (candidate > order - 2n) continue;
    const pair = createECDH("prime256v1");
    pair.setPrivateKey((candidate + 1n).toString(16).padStart(64, "0"), "hex");
    const point = pair.getPublicKey();
    const key = createPublicKey({
      format: "jwk",
      key: {
        kty: "EC",
        crv: "P-256",
        x: point.subarray(1, 33).toString("base64url"),
        y: point.subarray(33).toString("base64url"),
      },
    });
    known.set(id, key);
    return key;
  }
  throw new Error("no key follows from this secret");
}
