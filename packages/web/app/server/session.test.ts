import { Directory } from "@lectern/core/kernel/directory";
import { Url } from "@lectern/core/kernel/url";
import { aSchool } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { loader as callback } from "../routes/auth.callback.tsx";
import { loader as signIn } from "../routes/auth.sign-in.tsx";
import { sessionCookie, signedIn, signedOut, startedSignIn, startSignIn } from "./session.server.ts";

const request = (url: string, cookie = "") =>
  new Request(url, { headers: { host: new URL(url).host, ...(cookie && { cookie }) } });

const statusOf = (thrown: unknown): unknown =>
  thrown instanceof Response ? thrown.status : (thrown as { init?: { status?: number } }).init?.status;

test("cookies are bound to one host, HttpOnly and Secure", async () => {
  for (const cookie of [signedIn("value"), signedOut(), (await startSignIn("/")).setCookie])
    expect(cookie).toMatch(/^__Host-[^=]+=[^;]*; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
  expect(sessionCookie(request("http://a.localhost/", "a=1; __Host-session=x.y.z; b=2"))).toBe("x.y.z");
});

test("only the browser that began a sign-in can finish it", async () => {
  const { state, setCookie } = await startSignIn("/courses?q=1");
  const cookie = setCookie.split(";")[0] ?? "";
  expect(await startedSignIn(request("http://a.localhost/", cookie), state)).toMatchObject({ next: "/courses?q=1" });
  expect(await startedSignIn(request("http://a.localhost/"), state)).toBeUndefined();
  expect(
    await startedSignIn(request("http://a.localhost/", cookie), `${state.slice(0, 8)}somethingelse`),
  ).toBeUndefined();
  expect(await startedSignIn(request("http://a.localhost/", `${cookie}x`), state)).toBeUndefined();
});

test.each(["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "/ok\n//evil.test", null])(
  "a sign-in does not return to %j",
  async (next) => {
    const { state, setCookie } = await startSignIn(next);
    const started = await startedSignIn(request("http://a.localhost/", setCookie.split(";")[0]), state);
    expect(started?.next).toBe("/");
  },
);

// Login CSRF: an attacker's code in a link must not sign the victim in as the attacker.
test("a code without this browser's sign-in is refused before the exchange", async () => {
  const school = await aSchool();
  const url = Url.schoolUrl(school, `/auth/callback?code=${crypto.randomUUID()}&state=${"s".repeat(22)}`);
  const refused = await Promise.resolve(callback({ request: request(url), context: {}, params: {} })).catch(
    (error: unknown) => error,
  );
  expect(statusOf(refused)).toBe(422);
});

test("signing in begins with a challenge and this school as the client", async () => {
  const school = await aSchool();
  const url = Url.schoolUrl(school, "/auth/sign-in?next=/learn&screen=sign-up");
  const answer = (await signIn({ request: request(url), context: {}, params: {} })) as Response;
  const to = new URL(answer.headers.get("location") ?? "");
  expect(`${to.origin}${to.pathname}`).toBe(Url.authUrl("/authorize"));
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    response_type: "code",
    client_id: (await Directory.byHost(new URL(url).host))?.schoolId,
    redirect_uri: Url.schoolUrl(school, "/auth/callback"),
    code_challenge_method: "S256",
    prompt: "create",
  });
  expect(to.search).not.toContain("verifier");
});
