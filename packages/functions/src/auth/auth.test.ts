import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { Url } from "@lectern/core/kernel/url";
import { AuthStore, Identity, openWish, Session, sealWish, Token } from "@lectern/core/people/identity";
import { type emailTokenPurposes, emailTokenTable } from "@lectern/core/people/identity/identity.sql";
import { Legal } from "@lectern/core/people/legal";
import { Settings } from "@lectern/core/people/settings";
import { School } from "@lectern/tenants/school";
import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { desc, eq } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import { lifetimes } from "./engine.ts";
import { Visitor } from "./visitor.ts";

const password = "four plain unrelated words";
const email = "ada@example.test";

const withAda = async (school?: Route) => {
  const route = school ?? (await aSchool({ name: "Ada's School" }));
  const user = await asSystem(route, () => Identity.create({ email, givenName: "Ada", password, notify: false }));
  return { school: route, user, visitor: new Visitor(route) };
};

const mailed = (school: Route, purpose: (typeof emailTokenPurposes)[number]) =>
  asSystem(school, async () => {
    const [row] = await Db.use((tx) =>
      tx.select().from(emailTokenTable).where(eq(emailTokenTable.purpose, purpose)).orderBy(desc(emailTokenTable.id)),
    );
    return (row && (await Identity.mintToken(row.id))) ?? "";
  });

test("signing in returns a code to the school, and the code becomes tokens that name the session", async () => {
  const { school, user, visitor } = await withAda();
  const page = await visitor.begin();
  const response = await visitor.fill(page, { email, password });
  const back = new URL(response.headers.get("location") ?? "");
  expect(response.status).toBe(303);
  expect(`${back.origin}${back.pathname}`).toBe(Url.schoolUrl(school, "/auth/callback"));
  expect(back.searchParams.get("state")).toBe(visitor.state);
  const answer = await visitor.exchange(back.searchParams.get("code") ?? "");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  const tokens = (await answer.json()) as { access_token: string };
  const actor = await Token.verify(tokens.access_token, school);
  expect(actor).toMatchObject({ userId: user.id, roles: ["learner"] });
  const list = await asPublic(school, async () => {
    const { cookie } = await Session.claim({ userId: actor.userId, sessionId: actor.sessionId });
    return Session.resolve(cookie);
  });
  expect(list).toMatchObject({ userId: user.id, sessionId: actor.sessionId });
});

// The protocol engine alone would accept each of these attacks, or redirect to the attacker.
const attacks: Record<string, (school: Route) => Record<string, string | undefined>> = {
  "implicit tokens": () => ({ response_type: "token" }),
  "hybrid response": () => ({ response_type: "code token" }),
  "no response type": () => ({ response_type: undefined }),
  "fragment mode": () => ({ response_mode: "fragment" }),
  "no challenge": () => ({ code_challenge: undefined, code_challenge_method: undefined }),
  "plain challenge": () => ({ code_challenge_method: "plain" }),
  "challenge without method": () => ({ code_challenge_method: undefined }),
  "short challenge": () => ({ code_challenge: "abc" }),
  "no state": () => ({ state: undefined }),
  "stranger's site": () => ({ redirect_uri: "https://evil.test/auth/callback" }),
  "sibling subdomain": (school) => ({
    redirect_uri: Url.schoolUrl(school, "/auth/callback").replace(school.slug, "another-school"),
  }),
  "platform host": () => ({ redirect_uri: Url.platformUrl("/auth/callback") }),
  "sign-in host itself": () => ({ redirect_uri: Url.authUrl("/auth/callback") }),
  localhost: () => ({ redirect_uri: "http://localhost/auth/callback" }),
  "localhost with a port": () => ({ redirect_uri: "http://localhost:9999/auth/callback" }),
  loopback: () => ({ redirect_uri: "http://127.0.0.1/auth/callback" }),
  "other path": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback/../evil") }),
  "path suffix": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback/") }),
  "added query": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback?to=evil") }),
  "added fragment": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback#x") }),
  "user info": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback").replace("://", "://evil@") }),
  "suffix host": (school) => ({
    redirect_uri: Url.schoolUrl(school, "/auth/callback").replace("/auth", ".evil.test/auth"),
  }),
  "upper case": (school) => ({ redirect_uri: Url.schoolUrl(school, "/AUTH/callback") }),
  "other scheme": (school) => ({ redirect_uri: Url.schoolUrl(school, "/auth/callback").replace("http", "ftp") }),
  "no redirect": () => ({ redirect_uri: undefined }),
};

test.each(Object.keys(attacks))("an authorization request is refused, and redirects nowhere: %s", async (name) => {
  const visitor = new Visitor(await aSchool());
  const response = await visitor.go(`/authorize?${visitor.request(attacks[name]?.(visitor.school))}`);
  expect(response.status).toBe(422);
  expect(response.headers.get("location")).toBeNull();
});

test("a parameter given twice is refused", async () => {
  const visitor = new Visitor(await aSchool());
  const query = `${visitor.request()}&redirect_uri=https%3A%2F%2Fevil.test%2F`;
  expect((await visitor.go(`/authorize?${query}`)).status).toBe(422);
});

test("one school may not use another's redirect, nor an unknown client any", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const visitor = new Visitor(school);
  const foreign = visitor.request({ redirect_uri: Url.schoolUrl(other, "/auth/callback") });
  expect((await visitor.go(`/authorize?${foreign}`)).status).toBe(422);
  for (const id of ["", "web", "sch_00000000000000000000000000", "../etc"])
    expect((await visitor.go(`/authorize?${visitor.request({ client_id: id })}`)).status).toBe(404);
});

// The engine would take its issuer from these headers, which clients can set.
test("forwarded headers of the client change neither the issuer nor a redirect", async () => {
  const { school, visitor } = await withAda();
  const evil = {
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "ftp",
    "x-forwarded-port": "1",
    host: "evil.test",
  };
  const begun = await visitor.go(`/authorize?${visitor.request()}`, { headers: evil });
  expect(begun.headers.get("location")).toMatch(/^\/sign-in\?flow=/);
  const response = await visitor.fill(begun.headers.get("location") ?? "", { email, password }, evil);
  const code = new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const answer = await visitor.go("/token", {
    method: "POST",
    headers: { ...evil, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: school.schoolId,
      code,
      redirect_uri: Url.schoolUrl(school, "/auth/callback"),
      code_verifier: visitor.verifier,
    }).toString(),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  const claims = JSON.parse(Buffer.from(access_token.split(".")[1] ?? "", "base64url").toString());
  expect(claims.iss).toBe(new URL(Url.authUrl()).origin);
  const metadata = await (await visitor.go("/.well-known/oauth-authorization-server", { headers: evil })).json();
  expect(JSON.stringify(metadata)).not.toContain("evil");
});

test("a code works once, for its client, its redirect and its verifier", async () => {
  const { visitor } = await withAda();
  const other = await aSchool();
  const fresh = () => visitor.signIn(email, password);
  const errorOf = async (answer: Promise<Response>) => {
    const response = await answer;
    expect(response.status).toBeGreaterThanOrEqual(400);
    return response.status;
  };
  const code = await fresh();
  const [one, two] = await Promise.all([visitor.exchange(code), visitor.exchange(code)]);
  expect([one.status, two.status].sort()).toEqual([200, 400]);
  await errorOf(visitor.exchange(code));
  await errorOf(visitor.exchange(await fresh(), { code_verifier: "a".repeat(43) }));
  await errorOf(visitor.exchange(await fresh(), { code_verifier: "" }));
  await errorOf(visitor.exchange(await fresh(), { client_id: other.schoolId }));
  await errorOf(visitor.exchange(await fresh(), { redirect_uri: Url.schoolUrl(other, "/auth/callback") }));
  await errorOf(visitor.exchange("00000000-0000-4000-8000-000000000000"));
});

test("a reused code ends the session and the tokens of its first use", async () => {
  const { visitor, school } = await withAda();
  const code = await visitor.signIn(email, password);
  const { access_token: token } = (await (await visitor.exchange(code)).json()) as { access_token: string };
  expect(await Token.verify(token, school)).toMatchObject({ type: "user" });
  expect((await visitor.exchange(code)).status).toBe(400);
  await expect(Token.verify(token, school)).rejects.toMatchObject({ code: "token.invalid" });
  // So does a code that somebody has tried without its verifier.
  const stolen = await visitor.signIn(email, password);
  expect((await visitor.exchange(stolen, { code_verifier: "a".repeat(43) })).status).toBe(400);
  expect((await visitor.exchange(stolen)).status).toBe(400);
});

test("an attacker's guesses do not lock out a browser that has signed in before", async () => {
  const { visitor, school } = await withAda();
  await visitor.signIn(email, password);
  const stranger = new Visitor(school);
  for (let n = 0; n < 5; n++)
    await stranger.fill(await stranger.begin(), { email, password: "not the right password" });
  expect((await stranger.fill(await stranger.begin(), { email, password })).status).toBe(429);
  expect(await visitor.signIn(email, password)).not.toBe("");
});

test("other grants are refused", async () => {
  const visitor = new Visitor(await aSchool());
  for (const grant of [
    "password",
    "client_credentials",
    "implicit",
    "",
    "urn:ietf:params:oauth:grant-type:device_code",
  ])
    expect(
      (await visitor.token({ grant_type: grant, provider: "password", client_secret: "x", username: "x" })).status,
    ).toBe(400);
  const json = await visitor.go("/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(json.status).toBe(422);
});

test("a refresh token rotates, and reuse ends the family and the session", async () => {
  const { school, visitor } = await withAda();
  const first = await visitor.tokens(email, password);
  const second = (await (await visitor.refresh(first.refresh_token)).json()) as typeof first;
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await Token.verify(second.access_token, school)).toMatchObject({ type: "user" });
  // Two tabs may refresh concurrently: within ten seconds both get the same successor.
  const again = (await (await visitor.refresh(first.refresh_token)).json()) as typeof first;
  expect(again.refresh_token).toBe(second.refresh_token);

  const real = Date.now;
  Date.now = () => real() + (lifetimes.reuse + 1) * 1000;
  try {
    expect((await visitor.refresh(first.refresh_token)).status).toBe(400);
  } finally {
    Date.now = real;
  }
  // Two independent defenses: the store deletes the family, and the session has ended.
  const subject = second.refresh_token.slice(0, second.refresh_token.lastIndexOf(":"));
  const family = [];
  for await (const entry of AuthStore.scan(AuthStore.partitions.refresh(subject))) family.push(entry);
  expect(family).toEqual([]);
  expect((await visitor.refresh(second.refresh_token)).status).toBe(400);
  await expect(Token.verify(second.access_token, school)).rejects.toMatchObject({ code: "token.invalid" });
});

test("a refresh token works only at its own school and until the session is revoked", async () => {
  const { school, user, visitor } = await withAda();
  const other = await aSchool();
  const tokens = await visitor.tokens(email, password);
  expect((await visitor.refresh(tokens.refresh_token, { client_id: other.schoolId })).status).toBe(400);
  expect((await visitor.refresh(`${tokens.refresh_token}x`)).status).toBe(400);
  expect((await visitor.refresh("x:y")).status).toBe(400);
  expect((await visitor.refresh(":")).status).toBe(400);
  const { sessionId } = await Token.verify(tokens.access_token, school);
  await asPublic(school, () => Session.end({ userId: user.id, sessionId }));
  expect((await visitor.refresh(tokens.refresh_token)).status).toBe(400);
});

test("a browser's session leaves no refresh token behind", async () => {
  const { school, visitor } = await withAda();
  const tokens = await visitor.tokens(email, password);
  const ref = await Token.verify(tokens.access_token, school);
  await asPublic(school, () => Session.claim({ userId: ref.userId, sessionId: ref.sessionId }));
  expect((await visitor.refresh(tokens.refresh_token)).status).toBe(400);
});

test("the table of the engine holds neither codes nor refresh tokens in the clear", async () => {
  const { visitor } = await withAda();
  const code = await visitor.signIn(email, password);
  const { Aws } = await import("@lectern/core/kernel/aws");
  const { ScanCommand } = await import("@aws-sdk/lib-dynamodb");
  const { Resource } = await import("sst");
  const dump = async () =>
    JSON.stringify((await Aws.dynamodb().send(new ScanCommand({ TableName: Resource.AuthTable.name }))).Items);
  expect(await dump()).not.toContain(code);
  const tokens = (await (await visitor.exchange(code)).json()) as { refresh_token: string };
  const after = await dump();
  expect(after).not.toContain(tokens.refresh_token.split(":").at(-1));
  expect(after).not.toContain("nextToken");
});

test("a form without a CSRF token, or from another site, is refused", async () => {
  const { visitor } = await withAda();
  const page = await visitor.begin();
  const fields = { email, password };
  const html = await (await visitor.go(page)).text();
  expect((await visitor.send(html, { ...fields, csrf: "x" })).status).toBe(403);
  expect((await visitor.send(html, fields, { origin: "https://evil.test" })).status).toBe(403);
  expect((await visitor.send(html, fields, { origin: "null" })).status).toBe(403);
  expect((await visitor.send(html, fields, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await visitor.send(html, fields, { "sec-fetch-site": "same-site" })).status).toBe(403);
  const stranger = new Visitor(visitor.school);
  expect((await stranger.send(html, fields)).status).toBe(403);
  expect((await visitor.send(html, fields)).status).toBe(303);
});

test("a flow that was altered is refused, and two schools in two tabs do not mix", async () => {
  const [one, two] = [await withAda(), await withAda()];
  const page = await one.visitor.begin();
  const flow = new URL(page, "http://x").searchParams.get("flow") ?? "";
  const forged = `${Buffer.from(JSON.stringify({ clientId: one.school.schoolId, redirectUri: "https://evil.test", state: "x", challenge: "x", exp: 9e9 })).toString("base64url")}.${flow.split(".")[1]}`;
  expect((await one.visitor.go(`/sign-in?flow=${forged}`)).status).toBe(410);
  expect((await one.visitor.go("/sign-in")).status).toBe(410);
  // With two tabs in one browser, the first tab's form still works.
  const html = await (await one.visitor.go(page)).text();
  const secondTab = new Visitor(two.school);
  for (const [name, value] of one.visitor.cookies) secondTab.cookies.set(name, value);
  await secondTab.begin();
  const response = await one.visitor.send(html, { email, password });
  expect(response.headers.get("location")).toContain(`//${one.school.slug}.`);
});

test("the headers of every page forbid frames, foreign scripts and leaking addresses", async () => {
  const { visitor } = await withAda();
  const response = await visitor.go(await visitor.begin());
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe/);
  const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? "";
  const html = await response.text();
  for (const [, found] of html.matchAll(/<(?:script|style) nonce="([^"]+)"/g)) expect(found).toBe(nonce);
  expect(html).not.toMatch(/ on[a-z]+=| style=/);
  expect(html).toContain("Ada&#39;s School");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  expect(response.headers.get("x-frame-options")).toBe("DENY");
  expect(response.headers.get("referrer-policy")).toBe("same-origin");
  expect(response.headers.get("cache-control")).toBe("private, no-store");
  expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  const cookie = response.headers.getSetCookie().join();
  expect(cookie).toMatch(/^__Host-lectern-auth=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
});

test("a name with markup stays text", async () => {
  const school = await aSchool({ name: '<script>alert("x")</script>' });
  const visitor = new Visitor(school);
  const html = await (await visitor.go(await visitor.begin())).text();
  expect(html).not.toContain("<script>alert");
  const typed = await visitor.fill(await visitor.begin(), { email: '"><script>alert(1)</script>', password: "x" });
  expect(typed.status).toBe(422);
  expect(await typed.text()).not.toContain("<script>alert");
});

test("after six wrong passwords, known and unknown addresses get the same 429 with Retry-After", async () => {
  const { visitor } = await withAda();
  const page = await visitor.begin();
  const answers: Record<string, unknown[]> = { [email]: [], "nobody@example.test": [] };
  for (const [address, list] of Object.entries(answers))
    for (let n = 0; n < 6; n++) {
      const response = await visitor.fill(page, { email: address, password: "not the right password" });
      const html = (await response.text())
        .replaceAll(address, "ADDRESS")
        .replaceAll(/nonce="[^"]+"/g, "")
        .replaceAll(/wait \d+ (seconds|minutes)/g, "wait");
      const retry = response.headers.get("retry-after");
      list.push({ status: response.status, html, retries: retry !== null && Number(retry) > 0 });
    }
  expect(answers[email]).toEqual(answers["nobody@example.test"]);
  expect(answers[email]?.map((answer) => (answer as { status: number }).status)).toEqual([
    401, 401, 401, 401, 401, 429,
  ]);
  expect(answers[email]?.at(-1)).toMatchObject({ retries: true });
  // The engine's six-digit codes have no attempt limit, so its pages must be unreachable.
  for (const path of ["/code/authorize", "/password/authorize", "/password/change", "/password/register"])
    expect((await visitor.go(path)).status).toBe(404);
});

test("sign-up: the inbox page, the mail's link, then signing in", async () => {
  const school = await aSchool({ name: "Open School" });
  const visitor = new Visitor(school);
  const page = await visitor.begin({ prompt: "create" });
  expect(page).toMatch(/^\/sign-up\?flow=/);
  const short = await visitor.fill(page, { email, givenName: "Ada", familyName: "L", password: "short" });
  expect(short.status).toBe(422);
  const html = await short.text();
  expect(html).toContain('href="#password"');
  expect(html).toContain('value="Ada"');
  expect(html).not.toContain("short</");
  const sent = await visitor.fill(page, { email, givenName: "Ada", familyName: "L", password });
  expect(await sent.text()).toContain("Check your inbox");
  const remembered = short.headers.getSetCookie().join();
  expect(remembered).toMatch(/__Host-lectern-browser=[^;]+; Max-Age=172800; Path=\/; HttpOnly; Secure; SameSite=Lax/);
  const early = await visitor.fill(await visitor.begin(), { email, password });
  expect(early.status).toBe(403);
  const earlyHtml = await early.text();
  expect(earlyHtml).toContain("Confirm your address first");
  expect(await (await visitor.send(earlyHtml, {})).text()).toContain("Check your inbox");
  const link = `/verify?school=${school.slug}&token=${await mailed(school, "verify_email")}`;
  // A mail scanner that opens the link must neither use it up nor confirm anything.
  const scanner = new Visitor(school);
  const seen = await (await scanner.go(link)).text();
  expect(seen).toContain("in another browser");
  expect((await scanner.send(seen, {})).status).toBe(422);
  const done = await visitor.go(link);
  expect([done.status, arrival(done).path]).toEqual([303, Url.schoolUrl(school, "/auth/sign-in")]);
  expect((await visitor.go(link)).status).toBe(410);
  await expectSignedIn(visitor);
  expect(await visitor.signIn(email, password)).toBeTruthy();
});

/** Returns where a mail's link redirects, with its sealed wish. */
function arrival(response: Response): { path: string; wish: string } {
  const url = new URL(response.headers.get("location") ?? "", "http://nowhere.test");
  return { path: `${url.origin}${url.pathname}`, wish: url.searchParams.get("wish") ?? "" };
}

/** Begins a sign-in at the school's host, which this browser passes once without a password. */
async function expectSignedIn(visitor: Visitor): Promise<void> {
  const again = new Visitor(visitor.school);
  for (const [name, value] of visitor.cookies) again.cookies.set(name, value);
  const back = await visitor.go(await visitor.begin());
  expect([back.status, back.headers.get("location")]).toEqual([303, expect.stringContaining("code=")]);
  expect((await visitor.go(await visitor.begin())).status).toBe(200);
  // A copy of the earlier cookie no longer works.
  expect((await again.go(await again.begin())).status).toBe(200);
}

const course = { id: createId("course"), title: "Tides & <b>currents</b>" };
const wishOf = (school: Route) => sealWish({ schoolId: school.schoolId, wish: { course, next: "/courses/tides" } });

test("the mail's link keeps the chosen course in another browser, which must enter the password", async () => {
  const school = await aSchool();
  const visitor = new Visitor(school);
  const page = await visitor.begin({ prompt: "create", wish: await wishOf(school) });
  const html = await (await visitor.go(page)).text();
  expect(html).toContain("Tides &amp; &lt;b&gt;");
  await visitor.send(html, { email, givenName: "Ada", password });
  const link = `/verify?school=${school.slug}&token=${await mailed(school, "verify_email")}`;
  const phone = new Visitor(school);
  const asked = await (await phone.go(link)).text();
  const wrong = await phone.send(asked, { password: "not the right password" });
  expect(wrong.status).toBe(422);
  expect(await wrong.text()).toContain('href="#password"');
  const done = await phone.send(asked, { password });
  const origin = new URL(Url.schoolUrl(school)).origin;
  expect(await openWish(school.schoolId, arrival(done).wish)).toMatchObject({
    ...{ isProved: true, wish: { course, next: "/courses/tides", origin } },
  });
  await expectSignedIn(phone);
});

test("an altered wish, or another school's, is ignored", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  const sealed = await wishOf(other);
  const [body = "", mac = ""] = sealed.split(".");
  for (const wish of [sealed, `${body}x.${mac}`, "x", ""]) {
    const visitor = new Visitor(school);
    const html = await (await visitor.go(await visitor.begin({ wish, prompt: "create" }))).text();
    expect(html).toContain("Create your account");
    expect(html).not.toContain("Tides");
    expect(await openWish(school.schoolId, wish)).toBeUndefined();
  }
});

test("a mail's link returns only to the school's site, whatever the wish says", async () => {
  const { school, visitor } = await withAda();
  await asPublic(school, () => Identity.requestReset({ email, wish: { origin: "https://evil.test", next: "/learn" } }));
  const link = `/reset?school=${school.slug}&token=${await mailed(school, "reset_password")}`;
  const opened = await visitor.go(link);
  expect(opened.headers.get("content-security-policy")).not.toContain("evil.test");
  const done = await visitor.send(await opened.text(), { password: "a wholly different phrase" });
  expect(arrival(done).path).toBe(Url.schoolUrl(school, "/auth/sign-in"));
});

test("a code from the platform's host opens one session, in its own browser", async () => {
  const { school, user } = await withAda();
  /** Returns the redirect to the platform's host, with the browser's hash. */
  const begun = async (visitor: Visitor, at = school) => {
    const answer = await visitor.go(`/opened?school=${at.slug}`);
    const location = new URL(answer.headers.get("location") ?? "");
    expect([answer.status, location.origin, location.pathname]).toEqual([
      303,
      new URL(Url.platformUrl()).origin,
      "/sign-up/enter",
    ]);
    return location.searchParams.get("browser") ?? "";
  };
  const codeFor = async (browser: string) =>
    (await asPublic(school, () => Identity.issueCode({ userId: user.id, browser }))).code;
  const visitor = new Visitor(school);
  const mark = await begun(visitor);
  expect([...visitor.cookies.values()].join()).not.toContain(mark);
  const code = await codeFor(mark);
  const opened = await visitor.go(`/opened?school=${school.slug}&code=${code}`);
  expect([opened.status, arrival(opened).path]).toEqual([303, Url.schoolUrl(school, "/auth/sign-in")]);
  expect((await new Visitor(school).go(`/opened?school=${school.slug}&code=${code}`)).status).toBe(410);
  await expectSignedIn(visitor);
  // Another browser gets nothing, with or without a cookie, and uses up the code.
  const other = new Visitor(school);
  await begun(other);
  for (const thief of [other, new Visitor(school)]) {
    const stolen = `/opened?school=${school.slug}&code=${await codeFor(mark)}`;
    expect((await thief.go(stolen)).status).toBe(410);
    expect((await visitor.go(stolen)).status).toBe(410);
  }
  const foreign = `/opened?school=${(await aSchool()).slug}&code=${await codeFor(mark)}`;
  expect((await visitor.go(foreign)).status).toBe(410);
});

test("sign-up and sign-in link to each other, and the password reset keeps the address", async () => {
  const visitor = new Visitor(await aSchool());
  const page = await visitor.begin();
  for (const path of [page, page.replace("/sign-in", "/sign-up")]) {
    const html = await (await visitor.go(path)).text();
    const tabs = /<nav class="tabs"[\s\S]*?<\/nav>/.exec(html)?.[0] ?? "";
    expect(tabs).toContain("/sign-up?flow=");
    expect(tabs).toContain("/sign-in?flow=");
    expect(tabs.match(/aria-current="page"/g)).toHaveLength(1);
  }
  const html = await (await visitor.go(page)).text();
  const flow = new URL(page, "http://x").searchParams.get("flow") ?? "";
  const csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
  const asked = await visitor.post("/forgot", { csrf, flow, email, password: "typed by habit", step: "ask" });
  const forgot = await asked.text();
  expect(forgot).toContain(`value="${email}"`);
  expect(forgot).not.toContain("typed by habit");
  expect(await (await visitor.send(forgot, { email })).text()).toContain("Check your inbox");
});

test("the answer to a sign-up is the same when the account exists", async () => {
  const { visitor } = await withAda();
  const answer = async (address: string) => {
    const response = await visitor.fill(await visitor.begin({ prompt: "create", state: "samestate" }), {
      ...{ email: address, givenName: "Ada", familyName: "", password: "another set of plain words" },
    });
    const html = (await response.text())
      .replaceAll(address, "ADDRESS")
      .replaceAll(/nonce="[^"]+"|flow=[^"]+|value="[^"]+"/g, "");
    return { status: response.status, html };
  };
  expect(await answer(email)).toEqual(await answer("new@example.test"));
});

test("an invitation-only school explains that instead of showing a form", async () => {
  const school = await aSchool({ name: "Closed School" });
  await asSystem(school, () => Settings.update({ signUp: { mode: "invitation", domains: [] } }));
  const visitor = new Visitor(school);
  const html = await (await visitor.go(await visitor.begin({ prompt: "create" }))).text();
  expect(html).toContain("invites its members");
  expect(html).not.toContain("<form");
  expect(await (await visitor.go(await visitor.begin())).text()).not.toContain("Create an account");
});

test("a school without a confirmed owner explains that instead of showing a form", async () => {
  const school = await aSchool({ name: "New School" });
  const owner = { email: "owner@example.test", givenName: "Olga", password, emailVerified: false };
  await asSystem(school, () => Identity.createOwner(owner));
  const visitor = new Visitor(school);
  const html = await (await visitor.go(await visitor.begin({ prompt: "create" }))).text();
  expect(html).toContain("New School takes no sign-ups yet");
  expect(html).not.toContain("<form");
});

test("forgot and reset: the same words for everyone, a page without a redirect, every session ended", async () => {
  const { school, visitor } = await withAda();
  const tokens = await visitor.tokens(email, password);
  const flow = (await visitor.begin()).replace("/sign-in", "/forgot");
  const words = async (address: string) =>
    (await (await visitor.fill(flow, { email: address })).text())
      .replaceAll(address, "ADDRESS")
      .replaceAll(/nonce="[^"]+"/g, "");
  expect(await words("nobody@example.test")).toBe(await words(email));
  const evil = "&redirect_uri=https%3A%2F%2Fevil.test&next=https%3A%2F%2Fevil.test&redirect=//evil.test";
  const link = `/reset?school=${school.slug}&token=${await mailed(school, "reset_password")}${evil}`;
  const page = await (await visitor.go(link)).text();
  expect(page).not.toContain("evil");
  const done = await visitor.send(page, { password: "a wholly different phrase", redirect_uri: "https://evil.test" });
  expect([done.status, arrival(done).path]).toEqual([303, Url.schoolUrl(school, "/auth/sign-in")]);
  await expect(Token.verify(tokens.access_token, school)).rejects.toMatchObject({ code: "token.invalid" });
  expect((await visitor.refresh(tokens.refresh_token)).status).toBe(400);
  expect((await visitor.go(link)).status).toBe(410);
  await expectSignedIn(visitor);
});

test("accepting an invitation creates the account and signs this browser in, once and at this school", async () => {
  const school = await aSchool();
  const visitor = new Visitor(school);
  const { id } = await asSystem(school, () =>
    Identity.invite({ email, roles: ["instructor"], message: "Come <b>in</b>" }),
  );
  const token = (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  const link = `/invitation?school=${school.slug}&token=${token}`;
  const page = await (await visitor.go(link)).text();
  expect(page).toContain("an instructor");
  expect(page).toContain("Come &lt;b&gt;");
  expect((await visitor.send(page, { givenName: "", password })).status).toBe(422);
  const accepted = await visitor.send(page, { givenName: "Ada", password });
  expect(arrival(accepted).path).toBe(Url.schoolUrl(school, "/auth/sign-in"));
  const neighbour = new Visitor(await aSchool());
  for (const [name, value] of visitor.cookies) neighbour.cookies.set(name, value);
  expect((await neighbour.go(await neighbour.begin())).status).toBe(200);
  await expectSignedIn(visitor);
  expect((await visitor.go(link)).status).toBe(410);
  expect(await visitor.signIn(email, password)).toBeTruthy();
});

test("a person with an account who accepts an invitation still enters the password", async () => {
  const { school, visitor } = await withAda();
  const { id } = await asSystem(school, () => Identity.invite({ email, roles: ["instructor"] }));
  const token = (await asSystem(school, () => Identity.mintInvitation(id))) ?? "";
  const page = await (await visitor.go(`/invitation?school=${school.slug}&token=${token}`)).text();
  const accepted = await visitor.send(page, {});
  const door = new URL(accepted.headers.get("location") ?? "");
  expect([accepted.status, door.searchParams.get("email")]).toEqual([303, email]);
  expect(await openWish(school.schoolId, door.searchParams.get("wish"))).toMatchObject({ isProved: false });
  expect((await visitor.go(await visitor.begin())).status).toBe(200);
});

// A browser sends what is typed into type=email with its domain in ASCII.
test("every page that names an address names it as its owner writes it", async () => {
  const school = await aSchool();
  const visitor = new Visitor(school);
  const neu = "neu@xn--mnchen-3ya.example";
  const shown = "<strong>neu@münchen.example</strong>";
  const sent = await visitor.fill(await visitor.begin({ prompt: "create" }), {
    email: neu,
    givenName: "Neu",
    password,
  });
  const inbox = await sent.text();
  expect(inbox).toContain(shown);
  expect(inbox).toContain(`name="email" value="${neu}"`);
  expect(await (await visitor.fill(await visitor.begin(), { email: neu, password })).text()).toContain(shown);
  const link = `/verify?school=${school.slug}&token=${await mailed(school, "verify_email")}`;
  const phone = new Visitor(school);
  expect(await (await phone.go(link)).text()).toContain(shown);
  await visitor.go(link);
  const flow = (await visitor.begin()).replace("/sign-in", "/forgot");
  expect(await (await visitor.fill(flow, { email: neu })).text()).toContain(shown);
  const reset = `/reset?school=${school.slug}&token=${await mailed(school, "reset_password")}`;
  expect(await (await visitor.go(reset)).text()).toContain(shown);
});

test("a change of address is confirmed by a button in the new mailbox, and undone by one in the former", async () => {
  const { school, user, visitor } = await withAda();
  const neu = "neu@xn--mnchen-3ya.example";
  await asUser(school, { roles: ["learner"], userId: user.id }, () => Identity.changeEmail({ email: neu, password }));
  const link = `/email?school=${school.slug}&token=${await mailed(school, "change_email")}`;
  const page = await (await visitor.go(link)).text();
  expect(page).toContain(`has <strong>${email}</strong> and gets <strong>neu@münchen.example</strong>`);
  await expect(visitor.signIn(neu, password)).rejects.toThrow("401");
  const done = await visitor.send(page, {});
  expect(done.status).toBe(200);
  expect(await done.text()).toContain("You sign in with <strong>neu@münchen.example</strong>");
  expect((await visitor.go(link)).status).toBe(410);
  const tokens = await visitor.tokens(neu, password);

  const undo = `/email-undo?school=${school.slug}&token=${await mailed(school, "undo_email_change")}`;
  const asked = await (await visitor.go(undo)).text();
  expect(asked).toContain(`has <strong>neu@münchen.example</strong> and gets <strong>${email}</strong>`);
  const undone = await (await visitor.send(asked, {})).text();
  expect(undone).toContain(`Your account has the address <strong>${email}</strong> again`);
  await expect(Token.verify(tokens.access_token, school)).rejects.toMatchObject({ code: "token.invalid" });
  await expect(visitor.signIn(email, password)).rejects.toThrow("401");
});

test("an address that somebody else took meanwhile is refused on the page of the change", async () => {
  const { school, user, visitor } = await withAda();
  const wanted = "wanted@example.test";
  await asUser(school, { roles: ["learner"], userId: user.id }, () =>
    Identity.changeEmail({ email: wanted, password }),
  );
  const link = `/email?school=${school.slug}&token=${await mailed(school, "change_email")}`;
  const page = await (await visitor.go(link)).text();
  await asSystem(school, () => Identity.create({ email: wanted, givenName: "Bob", password, notify: false }));
  const refused = await visitor.send(page, {});
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain("Another account of this school has that address.");
});

afterEach(() => Identity.SecondFactors.unregister("test"));

test("a second factor is required between the password and the code", async () => {
  const { visitor, user } = await withAda();
  Identity.SecondFactors.register({
    kind: "test",
    isOn: async (userId) => userId === user.id,
    check: async (_, code) => code === "424242",
  });
  const response = await visitor.fill(await visitor.begin(), { email, password });
  expect(response.headers.get("location")).toBeNull();
  const html = await response.text();
  expect(html).toContain("Enter your code");
  expect((await visitor.send(html, { code: "000000" })).status).toBe(401);
  // The second-factor step belongs to one flow.
  const otherFlow = new URL(await visitor.begin({ state: "anotherstate" }), "http://x").searchParams.get("flow") ?? "";
  expect((await visitor.send(html, { code: "424242", flow: otherFlow })).headers.get("location")).toMatch(/^\/sign-in/);
  const done = await visitor.send(html, { code: "424242" });
  expect(done.headers.get("location")).toContain("code=");
  // A mail's link replaces the password but not the second factor.
  await asPublic(visitor.school, () => Identity.requestReset({ email }));
  const link = `/reset?school=${visitor.school.slug}&token=${await mailed(visitor.school, "reset_password")}`;
  await visitor.fill(link, { password: "a wholly different phrase" });
  expect(await (await visitor.go(await visitor.begin())).text()).toContain("Enter your code");
  for (let n = 0; n < 5; n++) await visitor.send(html, { code: "000000" });
  expect((await visitor.send(html, { code: "424242" })).status).toBe(429);
});

test("a suspended account, a suspended school, an unknown school and an unknown page each get their page", async () => {
  const { school, user, visitor } = await withAda();
  await asSystem(school, () => Identity.suspend({ userId: user.id }));
  const page = await visitor.begin();
  const suspended = await visitor.fill(page, { email, password });
  expect(suspended.status).toBe(403);
  expect(await suspended.text()).toContain("Your account is suspended");
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
  Directory.forget(school.schoolId);
  for (const path of [page, `/authorize?${visitor.request()}`, `/reset?school=${school.slug}&token=x`]) {
    const closed = await visitor.go(path);
    expect(closed.status).toBe(503);
    expect(await closed.text()).toContain("This school is paused");
  }
  expect((await visitor.exchange("x")).status).toBe(503);
  expect((await visitor.go("/verify?school=no-such-school&token=x")).status).toBe(404);
  expect((await visitor.go("/verify?token=x")).status).toBe(404);
  expect((await visitor.go("/nothing/here")).status).toBe(404);
});

const signUpPage = async (school: Route): Promise<string> => {
  const visitor = new Visitor(school);
  return (await visitor.go(await visitor.begin({ prompt: "create" }))).text();
};

test("sign-up links the school's legal pages, and an error page says who can help", async () => {
  const school = await aSchool();
  const bare = await signUpPage(school);
  expect(bare).not.toMatch(/Privacy|Imprint/);
  await asSystem(school, async () => {
    await Legal.update({ page: "privacy", text: "We keep little." });
    await Settings.update({ contactEmail: "help@journey.example" });
    await School.followSettings();
  });
  const said = await signUpPage(school);
  expect(said.match(new RegExp(`href="${Url.schoolUrl(school, "/legal/privacy")}"`, "g"))).toHaveLength(2);
  expect(said).toContain('href="mailto:help@journey.example"');
  const visitor = new Visitor(school);
  expect(await (await visitor.go(`/verify?school=${school.slug}`)).text()).toContain("help@journey.example");
  const unknown = await (await visitor.go("/verify?school=no-such-school&token=x")).text();
  expect(unknown).toContain(Url.platformUrl("/find-my-school"));
  expect(unknown).toContain(Url.platformLegal().contact);
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ state: "suspended" }).go();
  Directory.forget(school.schoolId);
  const closed = await (await visitor.go(`/verify?school=${school.slug}&token=x`)).text();
  expect(closed).toMatch(/href="mailto:help@journey.example\?subject=Request[^"]+"[^>]*>Contact the school/);
  expect(closed).toContain("Contact support");
});

test("the keys and the metadata are public and name only what is offered", async () => {
  const visitor = new Visitor(await aSchool());
  const { keys } = (await (await visitor.go("/.well-known/jwks.json")).json()) as { keys: Record<string, unknown>[] };
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(key).toMatchObject({ kty: "EC", alg: "ES256" });
    expect(key).not.toHaveProperty("d");
  }
  expect(await (await visitor.go("/.well-known/oauth-authorization-server")).json()).toMatchObject({
    response_types_supported: ["code"],
    code_challenge_methods_supported: ["S256"],
  });
});
