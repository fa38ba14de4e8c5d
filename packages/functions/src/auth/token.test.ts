import { createPublicKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { HostItem, SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { AuthStore, Session, Token } from "@lectern/core/people/identity";
import { aSchool, asPublic, aUser } from "@lectern/tenants/testing";
import { CompactEncrypt, importPKCS8, type JWTPayload, SignJWT } from "jose";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => void vi.useRealTimers());

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const hour = 3600;
const now = () => Math.floor(Date.now() / 1000);

interface RealKey {
  id: string;
  publicKey: string;
  privateKey: string;
}

async function realKey(): Promise<RealKey> {
  await Token.ensureKeys();
  for await (const { value } of AuthStore.scan(AuthStore.partitions.signingKeys)) return value as RealKey;
  throw new Error("there is no signing key");
}

async function honest(school: Route) {
  const { userId } = await aUser(school, { roles: ["learner"] });
  const { sessionId } = await asPublic(school, () => Session.begin({ userId }));
  const properties = { userId, sessionId, schoolId: school.schoolId };
  const claims: JWTPayload & Record<string, unknown> = {
    mode: "access",
    type: "user",
    properties,
    aud: school.schoolId,
    iss: Token.issuer(),
    sub: Token.subjectOf(properties),
    exp: now() + hour,
  };
  return { userId, sessionId, properties, claims };
}

/** Returns invalid tokens by what is wrong. Those with wrong claims carry the real key's signature. */
async function forgeries(school: Route, other: Route): Promise<Record<string, string>> {
  const real = await realKey();
  const signing = await importPKCS8(real.privateKey, "ES256");
  const { claims, properties, userId } = await honest(school);
  const stranger = await honest(school);
  const foreign = await honest(other);
  const header = { alg: "ES256", kid: real.id, typ: "JWT" };
  const signed = (change: Record<string, unknown>, headers: Record<string, unknown> = {}) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ ...header, ...headers }).sign(signing);
  const good = await signed({});
  expect(await Token.verify(good, school)).toMatchObject({ userId }); // each forgery below differs from this in one way
  const [head = "", body = "", mac = ""] = good.split(".");

  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ec384 = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ed = generateKeyPairSync("ed25519");
  const own = (key: Parameters<SignJWT["sign"]>[0], headers: Record<string, unknown>) =>
    new SignJWT(claims).setProtectedHeader({ ...header, ...headers }).sign(key);
  const hmac = (alg: string, secret: string) => own(new TextEncoder().encode(secret.padEnd(64, "\0")), { alg });
  const jwk = createPublicKey(real.publicKey).export({ format: "jwk" });
  const der = sign("sha256", Buffer.from(`${head}.${body}`), { key: real.privateKey, dsaEncoding: "der" });

  return {
    "algorithm none": `${part({ ...header, alg: "none" })}.${body}.`,
    "algorithm None": `${part({ ...header, alg: "None" })}.${body}.`,
    "algorithm nOnE with the old signature": `${part({ ...header, alg: "nOnE" })}.${body}.${mac}`,
    "algorithm empty": `${part({ ...header, alg: "" })}.${body}.${mac}`,
    "no algorithm": `${part({ kid: real.id, typ: "JWT" })}.${body}.${mac}`,
    "HS256 with the public key as secret": await hmac("HS256", real.publicKey),
    "HS512 with the public key as secret": await hmac("HS512", real.publicKey),
    "HS256 with the public JWK as secret": await hmac("HS256", JSON.stringify(jwk)),
    "HS256 with an empty secret": await hmac("HS256", ""),
    "RS256 under our key id": await own(rsa.privateKey, { alg: "RS256" }),
    "PS256 under our key id": await own(rsa.privateKey, { alg: "PS256" }),
    "ES384 under our key id": await own(ec384.privateKey, { alg: "ES384" }),
    "EdDSA under our key id": await own(ed.privateKey, { alg: "EdDSA" }),
    "another ES256 key under our key id": await own(ec.privateKey, {}),
    "another key under its own id": await own(ec.privateKey, { kid: "mine" }),
    "a key sent along": await own(ec.privateKey, { jwk: ec.publicKey.export({ format: "jwk" }) }),
    "a key set sent along": await own(ec.privateKey, { jku: "https://evil.test/jwks.json" }),
    "a certificate address sent along": await own(ec.privateKey, { x5u: "https://evil.test/cert.pem" }),
    "a key id that is a path": await own(ec.privateKey, { kid: "../../../../dev/null" }),
    "a key id that is SQL": await own(ec.privateKey, { kid: "x' union select 'a" }),
    "a key id that names the prototype": await own(ec.privateKey, { kid: "__proto__" }),
    "no key id": await signed({}, { kid: undefined }),
    "a key id that is a list": `${part({ ...header, kid: [real.id] })}.${body}.${mac}`,
    "an extension we do not know": `${part({ ...header, crit: ["x"], x: 1 })}.${body}.${mac}`,
    "another type of token": await signed({}, { typ: "at+jwt" }),
    "another issuer": await signed({ iss: "https://evil.test" }),
    "the issuer with a slash": await signed({ iss: `${Token.issuer()}/` }),
    "the issuer in a list": await signed({ iss: [Token.issuer()] }),
    "no issuer": await signed({ iss: undefined }),
    "another school's audience": await signed({ aud: other.schoolId }),
    "several audiences": await signed({ aud: [school.schoolId, other.schoolId] }),
    "no audience": await signed({ aud: undefined }),
    expired: await signed({ exp: now() - 1 }),
    "no expiry": await signed({ exp: undefined }),
    "an expiry that is text": `${head}.${part({ ...claims, exp: "never" })}.${mac}`,
    "not valid yet": await signed({ nbf: now() + hour }),
    "a refresh token's mode": await signed({ mode: "refresh" }),
    "no mode": await signed({ mode: undefined }),
    "another subject type": await signed({ type: "operator" }),
    "another school in its properties": await signed({ properties: { ...properties, schoolId: other.schoolId } }),
    "a session of someone else": await signed({
      properties: { ...properties, sessionId: stranger.sessionId },
      sub: Token.subjectOf({ userId, sessionId: stranger.sessionId }),
    }),
    "a person of another school": await signed({
      properties: { ...foreign.properties, schoolId: school.schoolId },
      sub: Token.subjectOf(foreign.properties),
    }),
    "a session that never was": await signed({
      properties: { ...properties, sessionId: createId("session") },
    }),
    "a subject that disagrees": await signed({ sub: Token.subjectOf(stranger.properties) }),
    "no properties": await signed({ properties: undefined }),
    "another school's whole token": await new SignJWT(foreign.claims).setProtectedHeader(header).sign(signing),
    "a truncated signature": `${head}.${body}.${mac.slice(0, -4)}`,
    "no signature": `${head}.${body}.`,
    "a signature of zeros": `${head}.${body}.${Buffer.alloc(64).toString("base64url")}`,
    "a DER signature": `${head}.${body}.${der.toString("base64url")}`,
    "an altered body": `${head}.${part({ ...claims, properties: stranger.properties })}.${mac}`,
    "a fourth part": `${good}.${mac}`,
    "only a body": body,
    encrypted: await new CompactEncrypt(new TextEncoder().encode(good))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
      .encrypt(randomBytes(32)),
    "a refresh token": `${Token.subjectOf(properties)}:${crypto.randomUUID()}`,
    "a session cookie": (await asPublic(school, () => Session.create({ userId }))).cookie,
    "nothing but dots": "..",
    empty: "",
    "far too long": `${good}${"A".repeat(100_000)}`,
  };
}

test("every forged token is refused with the same message", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const forged = await forgeries(school, other);
  expect(Object.keys(forged).length).toBeGreaterThanOrEqual(40);
  for (const [name, token] of Object.entries(forged)) {
    const outcome = await Token.verify(token, school).then(
      () => "accepted",
      (error: { code?: string }) => error.code ?? error,
    );
    expect([name, outcome]).toEqual([name, "token.invalid"]);
  }
});

test("a 59-minute-old token is refused within a minute of its session's end, and an older one has expired", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"] });
  const begun = Date.now();
  const issue = () => asPublic(school, () => Token.issue({ userId }));
  const [revoked, kept] = [await issue(), await issue()];
  vi.useFakeTimers({ toFake: ["Date"], now: begun + 59 * 60_000 });
  expect(await Token.verify(revoked.accessToken, school)).toMatchObject({ userId });
  await asPublic(school, () => Session.end({ userId, sessionId: revoked.sessionId }));
  await expect(Token.verify(revoked.accessToken, school)).rejects.toMatchObject({ code: "token.invalid" });
  expect(await Token.verify(kept.accessToken, school)).toMatchObject({ userId });
  vi.setSystemTime(begun + 61 * 60_000);
  await expect(Token.verify(kept.accessToken, school)).rejects.toMatchObject({ code: "token.invalid" });
});

test("checking a token reads public keys only", async () => {
  const school = await aSchool();
  const { userId } = await honest(school);
  const { accessToken } = await asPublic(school, () => Token.issue({ userId }));
  Token.forgetKeys();
  expect(await Aws.asDoor("Api", () => Token.verify(accessToken, school))).toMatchObject({ userId });
  Token.forgetKeys();
  expect(await Aws.asDoor("SocketAuthorize", () => Token.verify(accessToken, school))).toMatchObject({ userId });
  for await (const { value } of AuthStore.scan(AuthStore.partitions.publicKeys))
    expect(Object.keys(Object(value)).sort()).toEqual(["alg", "created", "id", "publicKey"]);
});

test("only the sign-in function can read private keys and authorization codes or write public keys", async () => {
  const { signingKeys, encryptionKeys, publicKeys, code } = AuthStore.partitions;
  const scan = async (partition: string) => {
    for await (const _ of AuthStore.scan(partition)) return;
  };
  for (const door of ["Api", "Web", "SocketAuthorize"] as const)
    for (const deed of [
      () => scan(signingKeys),
      () => scan(encryptionKeys),
      () => AuthStore.get(signingKeys, "first"),
      () => AuthStore.take(code, "any"),
      () => AuthStore.put(publicKeys, "forged", {}),
    ])
      await expect(Aws.asDoor(door, deed), door).rejects.toMatchObject({ name: "AccessDeniedException" });
  await expect(Aws.asDoor("Auth", () => scan(signingKeys))).resolves.toBeUndefined();
});

test("no public function can add a host to the directory, and the sign-in function cannot change a school", async () => {
  const { schoolId } = await aSchool();
  const forged = { host: `${createId("run")}.example`, schoolId };
  for (const door of ["Api", "Web", "Auth"] as const)
    await expect(
      Aws.asDoor(door, () => HostItem().put(forged).go()),
      door,
    ).rejects.toThrow(/not authorized/);
  const pause = () => SchoolItem().patch({ schoolId }).set({ state: "suspended" }).go();
  await expect(Aws.asDoor("Auth", pause)).rejects.toThrow(/not authorized/);
});
