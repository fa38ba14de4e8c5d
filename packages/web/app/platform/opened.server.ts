import type { Route } from "@lectern/core/kernel/actor";
import { cookieOf } from "../server/request.server.ts";

const name = "__Host-lectern-opened";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** Returns a Set-Cookie that keeps a new owner's one-time code until the sign-in host has identified their browser. */
export const openedCookie = ({ schoolId }: Route, code: string): string =>
  `${name}=${schoolId}.${code}; ${attributes}; Max-Age=120`;

/** Returns the code if this browser has just opened this school. */
export function openedCode(request: Request, { schoolId }: Route): string | undefined {
  const value = cookieOf(request, name);
  return value?.startsWith(`${schoolId}.`) ? value.slice(schoolId.length + 1, 200) : undefined;
}

export const forgetOpened = `${name}=; ${attributes}; Max-Age=0`;
