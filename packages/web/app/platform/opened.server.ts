import type { Route } from "@lectern/core/kernel/actor";
import { cookieOf } from "../server/request.server.ts";

const name = "__Host-lectern-opened";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** Keeps the one-time code of a person who has just opened a school, until the sign-in host has named their browser. */
export const openedCookie = ({ schoolId }: Route, code: string): string =>
  `${name}=${schoolId}.${code}; ${attributes}; Max-Age=120`;

/** The code, where this browser has opened this school a moment ago. */
export function openedCode(request: Request, { schoolId }: Route): string | undefined {
  const value = cookieOf(request, name);
  return value?.startsWith(`${schoolId}.`) ? value.slice(schoolId.length + 1, 200) : undefined;
}

export const forgetOpened = `${name}=; ${attributes}; Max-Age=0`;
