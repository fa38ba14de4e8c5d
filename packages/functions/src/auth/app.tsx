/** @jsxImportSource hono/jsx */

import { DomainError, refusalIn, statusOf } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { pathTo } from "@lectern/core/kernel/path";
import { Trace } from "@lectern/core/kernel/trace";
import { Url } from "@lectern/core/kernel/url";
import { openWish, Token } from "@lectern/core/people/identity";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type AuthContext, type AuthEnv, enter, frameOf, limit, measured, prepare, readForm } from "./context.ts";
import { accepts, exchange, keys } from "./engine.ts";
import { sealFlow } from "./flow.ts";
import { fontFile } from "./fonts.ts";
import { authorizationOf, clientOf, endSignInOf, TokenRefusal, tokenRequestOf } from "./guard.ts";
import { linkRoutes } from "./links.tsx";
import { MessagePage } from "./pages/links.tsx";
import { doorOf, signInRoutes } from "./sign-in.tsx";

/* The sign-in host, `auth.<platform domain>`: the protocol's endpoints and the sign-in pages in the school's brand.
   It ignores the host, scheme and forwarded headers of requests: the issuer is configured, and the school comes from
   the client id, a sealed flow or a mail's link. */
export const auth = new Hono<AuthEnv>();

auth.use(measured);
auth.use(prepare);

auth.get("/authorize", async (c) => {
  const query = new URL(c.req.url).searchParams;
  const route = enter(c, await clientOf(query.get("client_id")));
  const authorization = await authorizationOf(query, route);
  const accepted = await accepts(
    new URLSearchParams({
      response_type: "code",
      client_id: authorization.clientId,
      redirect_uri: authorization.redirectUri,
      state: authorization.state,
      code_challenge: authorization.challenge,
      code_challenge_method: "S256",
    }),
  );
  if (!accepted) throw new DomainError("invalid", "authorize.invalid", "This sign-in request is not valid.");
  const wished = await openWish(route.schoolId, query.get("wish"));
  const flow = await sealFlow(authorization, wished?.wish);
  const hint = query.get("login_hint")?.slice(0, 254) || null;
  return c.redirect(pathTo.auth(firstPages[query.get("prompt") ?? ""] ?? "sign-in", { flow, login_hint: hint }), 302);
});

/** First page by the request's `prompt`. */
const firstPages: Readonly<Record<string, "sign-up" | "forgot">> = { create: "sign-up", reset: "forgot" };

auth.post("/token", async (c) => {
  c.header("cache-control", "no-store");
  try {
    await limit(c, "token");
    const asked = await tokenRequestOf(await readForm(c), c.get("requestId"));
    const response = await exchange(asked);
    const code = asked.get("code");
    if (response.status === 400 && code) await endSignInOf(code, c.get("requestId"));
    const body: unknown = await response.json();
    // Only the body: the engine's headers would let any site's script read it.
    return c.json(
      { ...(typeof body === "object" ? body : {}), ...(response.ok && { token_type: "Bearer" }) },
      {
        status: response.ok ? 200 : 400,
      },
    );
  } catch (error) {
    if (error instanceof TokenRefusal)
      return c.json(
        { error: error.error, error_description: error.message },
        error.error === "invalid_client" ? 401 : 400,
      );
    const refused = refusalIn(error);
    if (!refused) throw error;
    if (refused.retryAfter !== undefined) c.header("retry-after", String(refused.retryAfter));
    const status = statusOf(refused.kind) as ContentfulStatusCode;
    const code = status === 503 || status === 429 ? "temporarily_unavailable" : "invalid_request";
    return c.json({ error: code, error_description: refused.message }, status);
  }
});

auth.get("/.well-known/jwks.json", async (c) => {
  c.header("cache-control", "public, max-age=300");
  c.header("access-control-allow-origin", "*");
  return c.json(await keys());
});

auth.get("/.well-known/oauth-authorization-server", (c) => {
  c.header("cache-control", "public, max-age=300");
  c.header("access-control-allow-origin", "*");
  return c.json({
    issuer: Token.issuer(),
    authorization_endpoint: Url.authUrl("/authorize"),
    token_endpoint: Url.authUrl("/token"),
    jwks_uri: Url.authUrl("/.well-known/jwks.json"),
    response_types_supported: ["code"],
    response_modes_supported: ["query"],
    grant_types_supported: ["authorization_code", "refresh_token"],
    code_challenge_methods_supported: ["S256"],
    token_endpoint_auth_methods_supported: ["none"],
  });
});

auth.get("/fonts/:name", (c) => {
  const bytes = fontFile(c.req.param("name"));
  if (!bytes) return c.notFound();
  c.header("cache-control", "public, max-age=31536000, immutable");
  return c.body(bytes, 200, { "content-type": "font/woff2" });
});

auth.route("/", signInRoutes);
auth.route("/", linkRoutes);

auth.get("/", (c) => c.redirect(Url.platformUrl("/find-my-school"), 302));

auth.notFound((c) =>
  c.html(
    <MessagePage
      frame={frameOf(c)}
      title="There is no such page"
      text="The address may be mistyped, or from an old mail."
    />,
    404,
  ),
);

auth.onError((error, c) => {
  const refused = refusalIn(error);
  if (refused) return refusal(c, refused);
  if (error instanceof HTTPException) return refusal(c, new DomainError("invalid", "request.invalid", error.message));
  log.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "sign-in host failed");
  return c.html(
    <MessagePage
      frame={frameOf(c)}
      title="Something went wrong on our side"
      text="Nothing you typed is lost but this page. Please try again in a moment. If it stays, tell us the number below."
      requestId={c.get("requestId")}
    />,
    500,
  );
});

const titles: Readonly<Record<string, string>> = {
  "school.suspended": "This school is paused",
  "school.not_found": "There is no such school",
  "user.suspended": "Your account is suspended",
  "flow.over": "Please begin again",
  "form.foreign": "Please load the page again",
};

function refusal(c: AuthContext, error: DomainError) {
  if (error.kind === "suspended") Trace.expected();
  const school = c.get("school");
  const status = statusOf(error.kind);
  const action =
    school?.state === "active" && error.code !== "user.suspended"
      ? { href: doorOf(school), label: "Go to sign in" }
      : school === undefined && error.code === "school.not_found"
        ? { href: Url.platformUrl("/find-my-school"), label: "Find my school" }
        : undefined;
  if (error.retryAfter !== undefined) c.header("retry-after", String(error.retryAfter));
  return c.html(
    <MessagePage
      frame={frameOf(c)}
      title={titles[error.code] ?? (status >= 500 ? "Please try again in a moment" : "That did not work")}
      text={error.message}
      requestId={c.get("requestId")}
      action={action}
    />,
    status as ContentfulStatusCode,
  );
}
