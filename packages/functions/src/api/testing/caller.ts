import type { Route } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import type { Role } from "@lectern/core/kernel/permission";
import { Token } from "@lectern/core/people/identity";
import { asPublic, aUser } from "@lectern/tenants/testing";
import { Resource } from "sst";
import { Api } from "../index.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body, or null. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
  readonly text: string;
}

interface Request {
  readonly body?: unknown;
  /** Raw text instead of `body`. */
  readonly raw?: string;
  readonly headers?: Record<string, string>;
  readonly host?: string;
}

export type Call = (route: string, request?: Request) => Promise<Answer>;

const localHeader = (): string => Resource.LocalCloud?.localKey ?? "";

/** Returns a function that calls the API in this process: `call("GET /me")`. */
export function caller(host: string, token?: string, isLimited = false): Call {
  return async (route, request = {}) => {
    const [method = "GET", path = "/"] = route.split(" ");
    const at = request.host ?? host;
    const body = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
    const response = await Aws.asDoor("Api", () =>
      Api.app().request(`http://${at}${/^\/(api|health|metrics)(\/|$)/.test(path) ? "" : "/api/v1"}${path}`, {
        method,
        headers: {
          host: at,
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(isLimited ? {} : { "x-lectern-local": localHeader() }),
          ...request.headers,
        },
        ...(body === undefined ? {} : { body }),
      }),
    );
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") && !response.headers.has("content-encoding");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text ? JSON.parse(text) : null,
      text,
    };
  };
}

export const hostOf = (school: Route): string => `${school.slug}.${Resource.Platform.domain}`;

/** Creates a person of the school with a token, and returns their caller. */
export async function signedIn(
  school: Route,
  roles: readonly Role[],
  isLimited = false,
): Promise<{ call: Call; userId: string; email: string; token: string }> {
  const { userId, email } = await aUser(school, { roles });
  const token = await tokenOf(school, userId);
  return { call: caller(hostOf(school), token, isLimited), userId, email, token };
}

export const tokenOf = async (school: Route, userId: string): Promise<string> =>
  (await asPublic(school, () => Token.issue({ userId }))).accessToken;

export const visitor = (school: Route, isLimited = false): Call => caller(hostOf(school), undefined, isLimited);
