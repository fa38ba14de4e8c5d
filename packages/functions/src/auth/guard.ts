import { type Route, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { DomainError } from "@lectern/core/kernel/error";
import { log } from "@lectern/core/kernel/log";
import { AuthStore, Identity, Session, Token } from "@lectern/core/people/identity";
import { type Authorization, lifetimes } from "./engine.ts";
import { isRedirectOf } from "./redirects.ts";
import { refreshEntry, takeCodeOwner } from "./storage.ts";

// Guards in front of the engine, which alone would issue implicit tokens, accept sibling hosts and localhost as
// redirects, skip PKCE, and refresh for any client.

const bad = (message: string) => new DomainError("invalid", "authorize.invalid", message);

/** Returns the school of a client id, open or not; throws 404 if unknown. */
export async function clientOf(clientId: string | null | undefined): Promise<Route> {
  const route = clientId && clientId.length <= 64 ? await Directory.bySchool(clientId) : undefined;
  if (!route) throw Directory.notFound();
  return route;
}

/** Returns the school's authorization request. Refusals never redirect. */
export async function authorizationOf(query: URLSearchParams, route: Route): Promise<Authorization> {
  for (const name of new Set(query.keys()))
    if (query.getAll(name).length > 1) throw bad(`There is more than one ${name}.`);
  const redirectUri = query.get("redirect_uri") ?? "";
  if (!(await isRedirectOf(route, redirectUri))) throw bad("This site may not ask people to sign in here.");
  if (query.get("response_type") !== "code") throw bad("Only the authorization code flow is offered.");
  if ((query.get("response_mode") ?? "query") !== "query") throw bad("The code is returned in the query only.");
  if (query.get("code_challenge_method") !== "S256") throw bad("An S256 code challenge is required.");
  const challenge = query.get("code_challenge") ?? "";
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) throw bad("An S256 code challenge is required.");
  const state = query.get("state") ?? "";
  if (!/^[\x21-\x7e]{8,512}$/.test(state)) throw bad("A state of 8 to 512 characters is required.");
  return { clientId: route.schoolId, redirectUri, state, challenge };
}

/** An error response of the token endpoint (RFC 6749). */
export class TokenRefusal extends Error {
  constructor(
    readonly error: "invalid_request" | "invalid_grant" | "invalid_client" | "unsupported_grant_type",
    description: string,
  ) {
    super(description);
  }
}

/** Validates a token request and returns only the fields the engine may read. */
export async function tokenRequestOf(form: URLSearchParams, requestId: string): Promise<URLSearchParams> {
  for (const name of new Set(form.keys()))
    if (form.getAll(name).length > 1) throw new TokenRefusal("invalid_request", `There is more than one ${name}.`);
  const grant = form.get("grant_type");
  if (grant === "authorization_code") return codeRequest(form);
  if (grant === "refresh_token") return refreshRequest(form, requestId);
  throw new TokenRefusal("unsupported_grant_type", "Only authorization_code and refresh_token are offered.");
}

async function codeRequest(form: URLSearchParams): Promise<URLSearchParams> {
  const verifier = form.get("code_verifier") ?? "";
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(verifier))
    throw new TokenRefusal("invalid_request", "A code_verifier of 43 to 128 characters is required.");
  const route = await openClient(form);
  return new URLSearchParams({
    grant_type: "authorization_code",
    code: field(form, "code"),
    client_id: route.schoolId,
    redirect_uri: field(form, "redirect_uri"),
    code_verifier: verifier,
  });
}

/**
 * Ends the session of a code that the engine refuses. The code was used before, or the caller lacks its verifier, so
 * two parties have it; this revokes what its first use obtained.
 */
export async function endSignInOf(code: string, requestId: string): Promise<void> {
  const owner = await takeCodeOwner(code);
  const properties = Token.Properties.safeParse(owner?.properties);
  if (!properties.success) return;
  const { userId, sessionId, schoolId } = properties.data;
  const route = await Directory.bySchool(schoolId);
  if (!route) return;
  await withActor({ type: "system", school: route, requestId, reason: "token endpoint" }, async () => {
    await Session.end({ userId, sessionId });
    await Db.use(() => Identity.Events.TokenReused.emit({ userId }));
    log.warn({ userId, sessionId }, "a code was used twice: its session is ended");
  });
}

async function refreshRequest(form: URLSearchParams, requestId: string): Promise<URLSearchParams> {
  const given = field(form, "refresh_token");
  const at = given.lastIndexOf(":");
  const subject = given.slice(0, at);
  const secret = given.slice(at + 1);
  const route = await openClient(form);
  const over = new TokenRefusal("invalid_grant", "This refresh token was used or has expired.");
  if (at < 1 || !secret || given.length > 300) throw over;
  const entry = await refreshEntry(subject, secret);
  const properties = Token.Properties.safeParse(entry?.properties);
  // The code belongs to another school; the answer must not reveal whether it is valid there.
  if (!entry || !properties.success || entry.clientID !== route.schoolId) throw over;
  const { userId, sessionId } = properties.data;
  const usedAt = typeof entry.timeUsed === "number" ? entry.timeUsed : undefined;
  const isReused = usedAt !== undefined && Date.now() > usedAt + lifetimes.reuse * 1000;
  await withActor({ type: "system", school: route, requestId, reason: "token endpoint" }, async () => {
    if (isReused) {
      // The token was copied. The engine deletes the family; ending the session revokes every access token.
      await Session.end({ userId, sessionId });
      await Db.use(() => Identity.Events.TokenReused.emit({ userId }));
      log.warn({ userId, sessionId }, "a refresh token was used twice: its session is ended");
    } else if (!(await Session.resolve({ userId, sessionId }))) {
      await AuthStore.dropRefresh(subject);
      throw over;
    }
  });
  return new URLSearchParams({ grant_type: "refresh_token", refresh_token: given });
}

function field(form: URLSearchParams, name: string): string {
  const value = form.get(name);
  if (!value || value.length > 2000) throw new TokenRefusal("invalid_request", `${name} is missing.`);
  return value;
}

async function openClient(form: URLSearchParams): Promise<Route> {
  const clientId = field(form, "client_id");
  const route = clientId.length <= 64 ? await Directory.bySchool(clientId) : undefined;
  if (!route) throw new TokenRefusal("invalid_client", "There is no such client.");
  return Directory.requireActive(route);
}
