import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Url } from "@lectern/core/kernel/url";
import { Session, Token } from "@lectern/core/people/identity";
import { asSystem, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { expect } from "vitest";
import { Visitor } from "../../packages/functions/src/auth/visitor.ts";
import type { Case, Running } from "./bundles-case.ts";
import type { Town } from "./bundles-town.ts";
import { type Request, requestOf } from "./events/index.ts";

// API, sign-in and pages, which the edge calls. They must refuse requests without the edge's secret, and serve the
// school of the edge's host otherwise.

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** Sends a request as the edge does, for a host. */
export const through =
  (town: Town, fn: Pick<Running, "invoke">, host: string, kind: "function-url" | "http-api" = "function-url") =>
  async (request: Request): Promise<Answer & { readonly bytes: Buffer }> => {
    const edge = {
      "x-lectern-edge": town.cloud.resources.LocalCloud.localKey,
      "x-lectern-ip": "192.0.2.7",
      "x-forwarded-host": host,
    };
    const event = requestOf(kind, { ...request, headers: { ...edge, ...request.headers } });
    const answer = (await fn.invoke(event)) as Answer;
    const bytes = Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8");
    return { ...answer, bytes, body: unpacked(bytes, answer.headers?.["content-encoding"]) };
  };

function unpacked(bytes: Buffer, encoding: string | undefined): string {
  if (encoding === "br") return brotliDecompressSync(bytes).toString();
  return (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString();
}

const hostOf = (slug: string): string => `${slug}.${Resource.Platform.domain}`;

export const doorCases: Readonly<Record<string, Case>> = {
  Api: {
    async run(town, fn) {
      const { accessToken, foreign } = await tokens(town);
      const bearer = { authorization: `Bearer ${accessToken}` };
      for (const kind of ["function-url", "http-api"] as const) {
        const ask = through(town, fn, hostOf(town.school.slug), kind);
        const me = await ask({ path: "/api/v1/me", headers: bearer });
        expect([me.statusCode, JSON.parse(me.body).email]).toEqual([200, town.owner.email]);
        expect((await ask({ path: "/api/v1/me" })).statusCode).toBe(401);
        expect((await ask({ path: "/api/v1/me", headers: { authorization: `Bearer ${foreign}` } })).statusCode).toBe(
          401,
        );
        const made = await ask({
          ...{ method: "POST", path: "/api/v1/categories", body: JSON.stringify({ name: `Rivers ${kind}` }) },
          headers: { ...bearer, "content-type": "application/json" },
        });
        expect([made.statusCode, JSON.parse(made.body).name]).toEqual([201, `Rivers ${kind}`]);
        const refused = await ask({ path: "/api/v1/me", headers: { "x-lectern-edge": "guess" } });
        expect([refused.statusCode, JSON.parse(refused.body).code]).toEqual([403, "edge.required"]);
      }
    },
  },
  Auth: {
    async run(town, fn) {
      const visitor = new AtBundle(town, fn);
      const page = await visitor.begin();
      const html = await (await visitor.go(page)).text();
      expect(html).toContain("Riverside School");
      // The bundle must contain the fonts that the page names.
      const [face = ""] = html.match(/\/fonts\/[0-9a-f]{16}\.woff2/) ?? [];
      const font = await visitor.go(face);
      expect([font.status, font.headers.get("content-type")]).toEqual([200, "font/woff2"]);
      const wrong = await visitor.fill(page, { email: town.owner.email, password: "not the password at all" });
      expect(wrong.headers.get("location")).toBeNull();
      const tokens = await visitor.tokens(town.owner.email, town.ownerPassword);
      expect(await Token.verify(tokens.access_token, town.school)).toMatchObject({ userId: town.owner.userId });
      const { invoke } = fn;
      expect(await invoke(requestOf("function-url", { path: "/sign-in" }))).toMatchObject({ statusCode: 403 });
    },
  },
  WebServerUseast1: {
    async run(town, fn) {
      const ask = through(town, fn, hostOf(town.school.slug));
      const page = await ask({ path: "/courses" });
      expect([page.statusCode, page.body.includes("Algebra I"), page.body.includes("Hillside")]).toEqual([
        200,
        true,
        false,
      ]);
      const { cookie } = await asSystem(town.school, () => Session.create({ userId: town.owner.userId }));
      const own = await ask({ path: "/account", cookies: [`__Host-session=${cookie}`] });
      expect([own.statusCode, own.body.includes(town.owner.email)]).toEqual([200, true]);
      expect((await ask({ path: "/courses", headers: { "x-lectern-edge": "guess" } })).statusCode).toBe(403);
    },
  },
};

/** Access tokens of the school's owner, and of a person at the other school. */
async function tokens(town: Town): Promise<{ accessToken: string; foreign: string }> {
  const { accessToken } = await asSystem(town.school, () => Token.issue({ userId: town.owner.userId }));
  const { userId } = await aUser(town.other, { roles: ["owner"] });
  const issued = await asSystem(town.other, () => Token.issue({ userId }));
  return { accessToken, foreign: issued.accessToken };
}

/** A browser at the sign-in host; the bundle answers each of its requests as an event. */
class AtBundle extends Visitor {
  readonly #ask: ReturnType<typeof through>;

  constructor(town: Town, fn: Running) {
    super(town.school);
    this.#ask = through(town, fn, `auth.${Resource.Platform.domain}`);
  }

  override async go(at: string, init: Parameters<Visitor["go"]>[1] = {}): Promise<Response> {
    const { pathname, search } = new URL(at, Url.authUrl());
    const answer = await this.#ask({
      path: `${pathname}${search}`,
      method: init.method ?? "GET",
      headers: {
        "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
        ...Object.fromEntries(new Headers(init.headers)),
      },
      cookies: [...this.cookies].map(([name, value]) => `${name}=${value}`),
      ...(typeof init.body === "string" && { body: init.body }),
    });
    for (const each of answer.cookies ?? []) {
      const [pair = ""] = each.split(";");
      this.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const { "content-encoding": encoding, ...headers } = answer.headers;
    const body = encoding ? answer.body : new Uint8Array(answer.bytes);
    return new Response(body, { status: answer.statusCode, headers });
  }
}
