import { createHash, randomBytes } from "node:crypto";
import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { auth } from "./app.tsx";

/** A browser for tests: keeps cookies and reads forms, but does not follow redirects. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly verifier = randomBytes(32).toString("base64url");
  readonly state = randomBytes(16).toString("base64url");

  constructor(readonly school: Route) {}

  async go(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const url = path.startsWith("http") ? path : Url.authUrl(path);
    const headers = {
      ...(cookie && { cookie }),
      "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
      ...init.headers,
    };
    const response = await Aws.asDoor("Auth", () => auth.request(url, { ...init, headers }));
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      const at = pair.indexOf("=");
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Returns the parameters of a valid authorization request. */
  request(change: Record<string, string | undefined> = {}): URLSearchParams {
    const query = {
      response_type: "code",
      client_id: this.school.schoolId,
      redirect_uri: Url.schoolUrl(this.school, "/auth/callback"),
      state: this.state,
      code_challenge: createHash("sha256").update(this.verifier).digest("base64url"),
      code_challenge_method: "S256",
      ...change,
    };
    return new URLSearchParams(
      Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  /** Begins a sign-in and returns its first page's address. */
  async begin(change: Record<string, string | undefined> = {}): Promise<string> {
    const response = await this.go(pathTo.auth("authorize", this.request(change)));
    const location = response.headers.get("location");
    if (response.status !== 302 || !location) throw new Error(`authorize answered ${response.status}`);
    return location;
  }

  /** Opens a page and submits its form. `path` selects one of several. */
  async fill(page: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(await (await this.go(page)).text(), fields, headers);
  }

  /** Submits the first form of the HTML. */
  send(html: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const { action, hidden } = formOf(html);
    return this.post(action, { ...hidden, ...fields }, headers);
  }

  post(action: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.go(action, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: new URL(Url.authUrl()).origin,
        ...headers,
      },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Signs in and returns the code. */
  async signIn(email: string, password: string): Promise<string> {
    const response = await this.fill(await this.begin(), { email, password });
    const location = response.headers.get("location");
    if (response.status !== 303 || !location) throw new Error(`sign-in answered ${response.status}`);
    return new URL(location).searchParams.get("code") ?? "";
  }

  token(fields: Record<string, string>): Promise<Response> {
    return this.go("/token", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ client_id: this.school.schoolId, ...fields }).toString(),
    });
  }

  exchange(code: string, change: Record<string, string> = {}): Promise<Response> {
    return this.token({
      grant_type: "authorization_code",
      code,
      redirect_uri: Url.schoolUrl(this.school, "/auth/callback"),
      code_verifier: this.verifier,
      ...change,
    });
  }

  refresh(token: string, change: Record<string, string> = {}): Promise<Response> {
    return this.token({ grant_type: "refresh_token", refresh_token: token, ...change });
  }

  async tokens(email: string, password: string): Promise<{ access_token: string; refresh_token: string }> {
    const response = await this.exchange(await this.signIn(email, password));
    if (response.status !== 200) throw new Error(`the exchange answered ${response.status}`);
    return (await response.json()) as { access_token: string; refresh_token: string };
  }
}

const plain = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&amp;", "&");

function formOf(html: string): { action: string; hidden: Record<string, string> } {
  const form = /<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/.exec(html);
  if (!form) throw new Error("there is no form on this page");
  const hidden: Record<string, string> = {};
  for (const [, name = "", value = ""] of (form[2] ?? "").matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)"/g,
  ))
    hidden[name] = plain(value);
  return { action: plain(form[1] ?? ""), hidden };
}
