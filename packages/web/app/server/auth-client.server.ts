import { request as httpRequest } from "node:http";
import { localCloud } from "@lectern/core/kernel/aws";
import { DomainError } from "@lectern/core/kernel/error";
import { Url } from "@lectern/core/kernel/url";
import { Resource } from "sst";
import * as z from "zod";

// On a local stage, Node does not resolve *.localhost, so requests go to the machine's address with the name in the
// Host header.

const Tokens = z.object({ access_token: z.string() });
const timeoutMs = 8_000;

/**
 * Exchanges an authorization code. Returns undefined for a bad code: used, expired, or another client's.
 * @throws auth.unavailable
 */
export async function exchange(input: {
  readonly code: string;
  readonly verifier: string;
  readonly clientId: string;
  readonly redirectUri: string;
}): Promise<{ accessToken: string } | undefined> {
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    code: input.code,
    client_id: input.clientId,
    redirect_uri: input.redirectUri,
    code_verifier: input.verifier,
  }).toString();
  const answer = await post(form).catch((cause: unknown) => {
    throw Object.assign(unavailable(), { cause });
  });
  if (answer.status === 400 || answer.status === 401) return undefined;
  if (answer.status !== 200) throw unavailable();
  return { accessToken: Tokens.parse(JSON.parse(answer.body)).access_token };
}

const unavailable = () =>
  new DomainError("unavailable", "auth.unavailable", "Signing in does not work at the moment.", undefined, 5);

const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };

async function post(form: string): Promise<{ status: number; body: string }> {
  const url = new URL(Url.authUrl("/token"));
  if (localCloud()) return postLocally(form, url);
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { method: "POST", headers, body: form, signal, redirect: "error" });
  return { status: response.status, body: await response.text() };
}

function postLocally(form: string, url: URL): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        host: "127.0.0.1",
        port: new URL(`http://${Resource.Platform.domain}`).port || 80,
        path: url.pathname,
        method: "POST",
        headers: { ...headers, host: url.host, "content-length": Buffer.byteLength(form) },
        timeout: timeoutMs,
      },
      (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          body += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
        response.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("the sign-in host did not answer in time")));
    sent.on("error", reject);
    sent.end(form);
  });
}

export * as AuthClient from "./auth-client.server.ts";
