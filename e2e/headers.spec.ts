import { createHash } from "node:crypto";
import { type APIRequestContext, type APIResponse, expect } from "@playwright/test";
import { aCourse, openSchool, platform, smallCourse, test } from "./support/index.ts";

const isPublic = /^public, max-age=0, s-maxage=\d+/;
const isPrivate = /^private, no-store$/;

const get = (request: APIRequestContext, url: string, headers: Record<string, string> = {}): Promise<APIResponse> =>
  request.get(url, { headers, maxRedirects: 0 });

const cookiesOf = (answer: APIResponse) => answer.headersArray().filter(({ name }) => /^set-cookie$/i.test(name));

test("what a visitor is shown may be kept by the edge, and sets no cookie", async ({ request, school }) => {
  await aCourse(school);
  const lesson = `/learn/${smallCourse.slug}/${smallCourse.lessons[0].slug}`;
  for (const url of [
    ...[platform(), platform("/pricing"), platform("/sign-up"), platform("/find-my-school")],
    ...[school.at(), school.at("/courses"), school.at(`/courses/${smallCourse.slug}`), school.at("/teach")],
  ]) {
    const answer = await get(request, url);
    expect(answer.status(), url).toBe(200);
    const headers = answer.headers();
    expect(headers["cache-control"], url).toMatch(isPublic);
    expect(headers.vary, url).toContain("Cookie");
    expect(cookiesOf(answer), url).toEqual([]);
    // A visitor with a cached answer has another request id.
    expect(headers["x-request-id"], url).toBeUndefined();
    expect(headers["x-content-type-options"], url).toBe("nosniff");
    expect(headers["referrer-policy"], url).toBe("strict-origin-when-cross-origin");
    expect(headers["cross-origin-opener-policy"], url).toBe("same-origin");
    expect(headers["permissions-policy"], url).toContain("camera=()");
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, url).toContain("default-src 'none'");
    expect(policy, url).toContain("frame-ancestors 'none'");
    expect(policy, url).not.toContain("unsafe");
    // All visitors share the cached page, so a nonce would be public; the policy lists script hashes instead.
    expect(policy, url).not.toContain("nonce");
    const page = await answer.text();
    expect(page, url).not.toContain("nonce=");
    const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, text = ""]) => text);
    expect(scripts.length, url).toBeGreaterThan(0);
    for (const text of scripts)
      expect(policy, url).toContain(`'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }
  for (const [url, status] of [
    [school.at("/no-such-page"), 404],
    // Redirects to sign in and returns.
    [school.at(lesson), 302],
    [school.at("/certificates/none"), 404],
    [platform().replace("://", "://nobody-here."), 404],
  ] as const) {
    const answer = await get(request, url);
    expect(answer.status(), url).toBe(status);
    expect(answer.headers()["cache-control"], url).toMatch(isPrivate);
    expect(answer.headers()["x-request-id"], url).toMatch(/^req_\S{8,}$/);
  }
});

test("a client cannot name its request: neither pages nor the API keep its id", async ({ request, school }) => {
  const given = "req_of-somebody-else-0123456789";
  const headers = { "x-request-id": given };
  for (const url of [school.at("/"), school.at("/no-such-page"), school.at("/api/v1/me"), school.at("/auth/sign-in")]) {
    const answer = await get(request, url, headers);
    expect(answer.headers()["x-request-id"] ?? "", url).not.toContain(given);
    expect(await answer.text(), url).not.toContain(given);
  }
});

test("what a person is shown is never kept outside, nor what sets a cookie", async ({ request, school }) => {
  await aCourse(school);
  const session = { cookie: `__Host-session=${await school.session(school.owner)}` };
  const course = `/courses/${smallCourse.slug}`;
  const pages = ["/", "/courses", course, "/learn", "/account", "/notifications", "/studio", "/admin/people", "/teach"];
  for (const path of [...pages, "/_root.data", "/courses.data", "/studio.data"]) {
    const answer = await get(request, school.at(path), session);
    expect(answer.status(), path).toBe(200);
    expect(answer.headers()["cache-control"], path).toMatch(isPrivate);
  }
  // Our cookies make the page personal, even without a session.
  for (const cookie of ["__Host-theme=dark", "__Host-flash=success%3AHello", "__Host-session=gone"]) {
    const answer = await get(request, school.at("/courses"), { cookie });
    expect(answer.headers()["cache-control"], cookie).toMatch(isPrivate);
  }
  // Sign-in, sign-out, and the redirect to sign in.
  for (const path of ["/auth/sign-in?next=/learn", "/auth/callback?code=none&state=none", "/learn", "/studio"]) {
    const answer = await get(request, school.at(path));
    expect(answer.status(), path).not.toBe(200);
    expect(answer.headers()["cache-control"], path).toMatch(isPrivate);
  }
  const origin = school.at().replace(/\/$/, "");
  const out = await request.post(school.at("/auth/sign-out"), { headers: { ...session, origin }, maxRedirects: 0 });
  expect(out.status()).toBe(303);
  expect(cookiesOf(out).map(({ value }) => value.replace(/=.*?;/, "=...;"))).toEqual([
    "__Host-session=...; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
  ]);
  expect(out.headers()["cache-control"]).toMatch(isPrivate);
});

test("a host shows its own school only", async ({ request, page, school }) => {
  const other = await openSchool("Neighbour School");
  await aCourse(school);
  const url = `/courses/${smallCourse.slug}`;
  const [mine, theirs] = [await get(request, school.at()), await get(request, other.at())];
  const [myText, theirText] = [await mine.text(), await theirs.text()];
  expect(myText).toContain("Journey School");
  expect(myText).toContain(smallCourse.title);
  expect(myText).not.toContain("Neighbour School");
  // Except the platform's contact address.
  expect(myText.replaceAll(/mailto:[^"\\]+/g, "")).not.toMatch(/lectern/i);
  expect(theirText).toContain("Neighbour School");
  expect(theirText).not.toContain("Journey School");
  expect(theirText).not.toContain(smallCourse.title);
  expect((await get(request, school.at(url))).status()).toBe(200);
  expect((await get(request, other.at(url))).status()).toBe(404);

  // The session is valid on one host only.
  await school.signIn(page.context(), school.owner);
  await page.goto(school.at());
  await expect(page.getByText("Menu of Olive Owner")).toBeAttached();
  await page.goto(other.at());
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeVisible();
  await expect(page.getByText("Menu of Olive Owner")).toHaveCount(0);
  // A client's forged X-Forwarded-Host has no effect.
  const forged = await get(request, school.at(), { "x-forwarded-host": new URL(other.at()).host });
  expect(await forged.text()).not.toContain("Neighbour School");
});

test("a form sent from another site changes nothing", async ({ request, school }) => {
  const session = { cookie: `__Host-session=${await school.session(school.owner)}` };
  const foreign: Record<string, string>[] = [
    { origin: "http://evil.example" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { origin: platform().replace(/\/$/, "") },
  ];
  for (const headers of foreign) {
    const form = { title: "Planted" };
    const url = school.at("/studio/new");
    const answer = await request.post(url, { headers: { ...session, ...headers }, form, maxRedirects: 0 });
    expect(answer.status(), JSON.stringify(headers)).toBe(403);
    expect(await answer.text()).toContain("That form was sent from another site");
  }
  const studio = await get(request, school.at("/studio"), session);
  expect(studio.status()).toBe(200);
  expect(await studio.text()).not.toContain("Planted");
});

test("scripts and styles are kept for good; pages come compressed", async ({ request, school }) => {
  const page = await get(request, school.at());
  const assets = [...(await page.text()).matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
    ([, path]) => path,
  );
  expect(assets.length).toBeGreaterThan(3);
  for (const path of new Set(assets)) {
    const answer = await get(request, school.at(path));
    expect(answer.status(), path).toBe(200);
    expect(answer.headers()["cache-control"], path).toBe("public, max-age=31536000, immutable");
    expect(cookiesOf(answer), path).toEqual([]);
  }
  for (const coding of ["br", "gzip"])
    for (const path of ["/", "/api/v1/openapi.json"]) {
      const answer = await get(request, school.at(path), { "accept-encoding": coding });
      expect(answer.headers()["content-encoding"], `${path} in ${coding}`).toBe(coding);
    }
});

test("no page breaks its own policy", async ({ page, school }) => {
  test.setTimeout(120_000);
  await aCourse(school);
  const broken: string[] = [];
  page.on("console", (message) => {
    if (/content security policy/i.test(message.text())) broken.push(`${page.url()}: ${message.text()}`);
  });
  const course = `/courses/${smallCourse.slug}`;
  const visit = async (urls: readonly string[]) => {
    for (const url of urls) {
      await page.goto(url);
      await page.waitForFunction(
        () => document.documentElement.dataset.awake !== undefined || document.forms.length >= 0,
      );
    }
  };
  await visit([
    platform(),
    platform("/pricing"),
    platform("/sign-up"),
    school.at(),
    school.at(course),
    school.at("/auth/sign-in"),
  ]);
  await school.signIn(page.context(), school.owner);
  const lesson = `/learn/${smallCourse.slug}/${smallCourse.lessons[0].slug}`;
  await visit([
    school.at(course),
    school.at(lesson),
    school.at("/account"),
    school.at("/studio"),
    school.at("/admin/brand"),
  ]);
  expect(broken).toEqual([]);
});
