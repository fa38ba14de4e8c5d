import type { Route } from "@lectern/core/kernel/actor";
import { createId } from "@lectern/core/kernel/id";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Identity } from "@lectern/core/people/identity";
import { School } from "@lectern/tenants/school";
import { aSchool, asPublic, asUser, aUser } from "@lectern/tenants/testing";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { expect, test } from "vitest";
import { loader as account, action as saveAccount } from "../routes/account.tsx";
import { loader as logo } from "../routes/brand.logo.tsx";
import { loader as lesson } from "../routes/learn.$courseSlug.$lessonSlug.tsx";
import { loader as enter } from "../routes/sign-up_.enter.tsx";

type Params = LoaderFunctionArgs["params"];
type Handler = (args: LoaderFunctionArgs) => unknown;

/** Returns a route's response, thrown or returned. */
async function answerOf(handler: Handler, url: string, init: RequestInit = {}, params: Params = {}): Promise<Response> {
  const request = new Request(url, { ...init, headers: { host: new URL(url).host, ...init.headers } });
  const answer = await Promise.resolve(handler({ request, context: {}, params })).catch((thrown: unknown) => thrown);
  if (!(answer instanceof Response)) throw answer;
  return answer;
}

const placeOf = ({ status, headers }: Response) => [status, headers.get("location")];

test("a visitor of a member's page signs in and returns to it", async () => {
  const school = await aSchool();
  const page = await answerOf(account, Url.schoolUrl(school, "/account?tab=1"));
  expect(placeOf(page)).toEqual([302, pathTo.signIn({ next: "/account?tab=1" })]);
  const params = { courseSlug: "knots", lessonSlug: "first" };
  const hidden = await answerOf(lesson, Url.schoolUrl(school, "/learn/knots/first"), {}, params);
  expect(placeOf(hidden)).toEqual([302, pathTo.signIn({ next: "/learn/knots/first" })]);
});

test("a visitor who submits a form signs in and returns to the form's page on this host", async () => {
  const school = await aSchool();
  const send = (referer: string) =>
    answerOf(saveAccount, Url.schoolUrl(school, "/account"), {
      ...{ method: "POST", body: new URLSearchParams({ intent: "profile" }) },
      headers: { origin: new URL(Url.schoolUrl(school)).origin, referer },
    });
  expect(placeOf(await send(Url.schoolUrl(school, "/account?tab=2")))).toEqual([
    303,
    pathTo.signIn({ next: "/account?tab=2" }),
  ]);
  expect(placeOf(await send("nonsense"))).toEqual([303, pathTo.signIn({ next: "/" })]);
});

test("only the current logo's address is cached forever; others redirect to it for a while", async () => {
  const school = await aSchool();
  const at = (query: string) => answerOf(logo, Url.schoolUrl(school, `/brand/logo${query}`));
  expect((await at("?v=none")).status).toBe(404);
  const { logoId } = await asUser(school, { roles: ["admin"] }, async () => {
    const upload = await School.uploadLogo({});
    const form = new FormData();
    for (const [name, value] of Object.entries(upload.fields)) form.set(name, value);
    form.set("file", new Blob([new Uint8Array(dot)]), "a.png");
    await fetch(upload.url, { method: "POST", body: form });
    await School.confirmLogo({ logoId: upload.logoId });
    return upload;
  });
  const own = await at(`?v=${logoId}`);
  expect([own.status, own.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
  await own.body?.cancel();
  for (const query of ["", "?v=", "?v=other", `?v=${createId("asset")}`, `?v=${logoId}.svg`]) {
    const other = await at(query);
    expect([...placeOf(other), other.headers.get("cache-control")], query).toEqual([
      ...[302, pathTo.logo(logoId), "public, max-age=60"],
    ]);
  }
});

test("a new owner signs in once with the code in this browser's cookie, which no other browser can use", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["owner"] });
  const browser = "b".repeat(43);
  const cookieFor = async (at: Route) =>
    `__Host-lectern-opened=${at.schoolId}.${(await asPublic(school, () => Identity.issueCode({ userId }))).code}`;
  const come = (cookie: string, query: Record<string, string> = { school: school.slug, browser }) =>
    answerOf(enter, Url.platformUrl(pathTo.signUpEnter(query)), { headers: { cookie } });
  const signIn = Url.schoolUrl(school, pathTo.signIn({ next: pathTo.admin() }));

  const cookie = await cookieFor(school);
  const came = await come(cookie);
  expect(came.headers.get("set-cookie")).toMatch(/^__Host-lectern-opened=; .*Max-Age=0$/);
  const to = new URL(came.headers.get("location") ?? "");
  expect([came.status, `${to.origin}${to.pathname}`]).toEqual([302, Url.authUrl("/opened")]);
  const code = to.searchParams.get("code") ?? "";
  expect(cookie).not.toContain(code);
  expect(await asPublic(school, () => Identity.useCode({ code, browser }))).toMatchObject({ userId });

  expect(placeOf(await come(cookie))).toEqual([302, signIn]);
  expect(placeOf(await come(""))).toEqual([302, signIn]);
  expect(placeOf(await come(await cookieFor(school), { school: school.slug }))).toEqual([302, signIn]);
  expect(placeOf(await come(await cookieFor(await aSchool())))).toEqual([302, signIn]);
});

const dot = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
