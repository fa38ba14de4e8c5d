import { Directory } from "@lectern/core/kernel/directory";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Token } from "@lectern/core/people/identity";
import { issuer } from "@openauthjs/openauth/issuer";
import type { Provider, ProviderOptions } from "@openauthjs/openauth/provider/provider";
import { createSubjects } from "@openauthjs/openauth/subject";
import { Hono } from "hono";
import { isRedirectOf } from "./redirects.ts";
import { storage } from "./storage.ts";

// OpenAuth implements the protocol: it validates authorization requests, issues and exchanges codes, refreshes tokens
// and publishes keys. The pages and the guards in front (guard.ts) are ours. The engine gets requests that we build
// without the client's cookies and headers, so the issuer is always the configured host.

/** An authorization request that the engine has validated. */
export interface Authorization {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly challenge: string;
}

export const lifetimes = {
  access: Token.lifetimeSeconds,
  refresh: 30 * 24 * 3600,
  reuse: 10,
  retention: 30 * 24 * 3600,
};

const subjects = createSubjects({ user: Token.Properties });
type Succeed = ProviderOptions<Token.Properties>["success"];

function build() {
  let succeed: Succeed | undefined;
  const password: Provider<Token.Properties> = {
    type: "password",
    init: (_route, options) => {
      succeed = options.success;
    },
  };
  const app = withoutRequestLog(() =>
    issuer({
      subjects,
      storage,
      providers: { password },
      ttl: lifetimes,
      // The guard has already refused other addresses. The engine alone would answer with a redirect to the refused
      // address.
      allow: async ({ clientID, redirectURI }) => {
        const route = await Directory.bySchool(clientID);
        return route !== undefined && isRedirectOf(route, redirectURI);
      },
      success: (response, { userId, sessionId, schoolId }) => {
        const properties = { userId, sessionId, schoolId };
        return response.subject("user", properties, { subject: Token.subjectOf(properties) });
      },
    }),
  );
  if (!succeed) throw new Error("the engine did not take its provider");
  return { app, finish: finisher(succeed) };
}

/**
 * Returns a route that ends a sign-in: the engine issues codes only within a Hono context, so this creates one without
 * client data.
 */
function finisher(succeed: Succeed) {
  type Bindings = { authorization: Authorization; properties: Token.Properties };
  type Variables = { authorization: object; provider: string };
  const app = new Hono<{ Bindings: Bindings; Variables: Variables }>();
  app.get("/", (c) => {
    const { clientId, redirectUri, state, challenge } = c.env.authorization;
    c.set("authorization", {
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      state,
      pkce: { challenge, method: "S256" },
    });
    c.set("provider", "password");
    return succeed(c, c.env.properties);
  });
  return app;
}

/** The engine logs each address to stdout; those may be private, and our logs are structured. */
function withoutRequestLog<T>(work: () => T): T {
  const { log } = console;
  console.log = () => undefined; // the logger reads console.log only while it is built
  try {
    return work();
  } finally {
    console.log = log;
  }
}

let built: ReturnType<typeof build> | undefined;
let ready: Promise<void> | undefined;
let readyAt = 0;

/** Returns the engine. It reads its keys once, so this rebuilds it after a key rotation. */
async function engine(): Promise<ReturnType<typeof build>> {
  if (ready && Date.now() - readyAt > Token.signWithMs) built = ready = undefined;
  if (!ready) readyAt = Date.now();
  ready ??= Token.ensureKeys().catch((error: unknown) => {
    ready = undefined;
    throw error;
  });
  await ready;
  built ??= build();
  return built;
}

/** The engine caches a failed read of its keys forever, so this rebuilds it after a 5xx. */
async function ask(request: Request): Promise<Response> {
  const { app } = await engine();
  const response = await app.fetch(request);
  if (response.status >= 500) built = undefined;
  return response;
}

/** Returns whether the engine accepts an authorization request. */
export async function accepts(query: URLSearchParams): Promise<boolean> {
  const response = await ask(new Request(Url.authUrl(pathTo.auth("authorize", query))));
  return response.status === 302 && (response.headers.get("location") ?? "").startsWith("/password/authorize");
}

/** Exchanges a code or a refresh token. The guard has validated the form. */
export const exchange = (form: URLSearchParams): Promise<Response> =>
  ask(
    new Request(Url.authUrl("/token"), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form,
    }),
  );

/** Returns the public keys: the signing key, and previous ones whose tokens are still valid. */
export async function keys(): Promise<Awaited<ReturnType<typeof Token.keySet>>> {
  await engine();
  return Token.keySet();
}

/** Ends a sign-in. Returns the redirect to the school's host with a new code. */
export async function codeFor(authorization: Authorization, properties: Token.Properties): Promise<string> {
  const { finish } = await engine();
  const response = await finish.fetch(new Request(Url.authUrl("/")), { authorization, properties });
  const location = response.headers.get("location");
  if (response.status !== 302 || !location?.startsWith(`${authorization.redirectUri}?code=`)) {
    built = undefined;
    throw new Error(`the engine made no code: ${response.status}`);
  }
  return location;
}
