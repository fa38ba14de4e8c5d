import { createHash, randomBytes } from "node:crypto";

export interface Account {
  readonly school: string;
  readonly email: string;
  readonly password: string;
}

export interface SignedIn {
  readonly cookie: string;
  readonly token: string;
}

/** Signs in twice: as a browser, form by form, and as an application for an API token. */
export async function signIn(account: Account): Promise<SignedIn> {
  const browser = new Browser();
  const start = await browser.follow(`${account.school}/auth/sign-in`);
  const landed = await browser.follow(await submit(browser, start, account));
  if (landed.status !== 200) throw new Error(`signing in ended with ${landed.status} at ${landed.url}`);
  const cookie = browser.cookiesOf(account.school);
  if (!cookie.includes("__Host-session=")) throw new Error(`${account.email} got no session at ${account.school}`);

  const asked = browser.visited.find((url) => url.includes("/authorize?"));
  if (!asked) throw new Error("the sign-in host was not asked to authorize");
  const authorize = new URL(asked);
  const verifier = randomBytes(48).toString("base64url");
  authorize.searchParams.set("code_challenge", createHash("sha256").update(verifier).digest("base64url"));
  const application = new Browser();
  const form = await application.follow(authorize.href);
  const back = new URL(await submit(application, form, account));
  const response = await fetch(new URL("/token", authorize.origin), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: back.searchParams.get("code") ?? "",
      client_id: authorize.searchParams.get("client_id") ?? "",
      redirect_uri: authorize.searchParams.get("redirect_uri") ?? "",
      code_verifier: verifier,
    }),
  });
  const body: unknown = await response.json();
  const token = typeof body === "object" && body !== null ? Reflect.get(body, "access_token") : undefined;
  if (typeof token !== "string") throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`);
  return { cookie, token };
}

interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
}

/** Submits a page's sign-in form and returns the redirect. */
async function submit(browser: Browser, page: Page, { email, password }: Account): Promise<string> {
  const hidden = [...page.html.matchAll(/<input[^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => /type="hidden"/.test(tag))
    .map((tag) => [attribute(tag, "name"), attribute(tag, "value")] as const);
  if (!hidden.some(([name]) => name === "flow")) throw new Error(`${page.url} (${page.status}) is no sign-in page`);
  const response = await browser.request(new URL("/sign-in", page.url).href, {
    method: "POST",
    headers: { origin: new URL(page.url).origin },
    body: new URLSearchParams([
      ...hidden.map(([name, value]) => [name, value]),
      ["email", email],
      ["password", password],
    ]),
  });
  const location = response.headers.get("location");
  if (!location) throw new Error(`${email} was refused at ${page.url}: ${response.status}`);
  return new URL(location, page.url).href;
}

const attribute = (tag: string, name: string): string =>
  (tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "").replaceAll("&amp;", "&").replaceAll("&quot;", '"');

/** The part of a browser that sign-in needs: cookies by origin, and redirects. */
class Browser {
  readonly visited: string[] = [];
  readonly #jar = new Map<string, Map<string, string>>();

  cookiesOf(origin: string): string {
    const own = this.#jar.get(new URL(origin).origin) ?? new Map<string, string>();
    return [...own].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async request(url: string, init: RequestInit = {}): Promise<Response> {
    this.visited.push(url);
    const { origin } = new URL(url);
    const headers = new Headers(init.headers);
    headers.set("cookie", this.cookiesOf(origin));
    const response = await fetch(url, { ...init, headers, redirect: "manual", signal: AbortSignal.timeout(30_000) });
    const own = this.#jar.get(origin) ?? new Map<string, string>();
    this.#jar.set(origin, own);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0\b/i.test(line)) own.delete(pair.slice(0, at));
      else own.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  async follow(url: string): Promise<Page> {
    let next = url;
    for (let hop = 0; hop < 10; hop++) {
      const response = await this.request(next);
      const location = response.headers.get("location");
      if (!location) return { url: next, status: response.status, html: await response.text() };
      next = new URL(location, next).href;
    }
    throw new Error(`${url} redirects without end`);
  }
}
