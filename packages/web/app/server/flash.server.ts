import { redirect } from "./redirect.server.ts";
import { cookieOf, type RequestArgs, stateOf } from "./request.server.ts";

/** One sentence, shown once after an action. */
export interface Flash {
  readonly tone: "success" | "info" | "warning";
  readonly message: string;
}

const name = "__Host-flash";
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";
const tones = new Set(["success", "info", "warning"]);

/** Redirects with a flash: `return redirectWith("/studio", "Course published.")`. */
export function redirectWith(to: string, message: string, tone: Flash["tone"] = "success") {
  const value = encodeURIComponent(`${tone}:${message.slice(0, 300)}`);
  return redirect(to, { headers: { "set-cookie": `${name}=${value}; ${attributes}; Max-Age=60` } });
}

/**
 * Returns the pending flash and clears its cookie. Pages render it as text, so a forged cookie cannot inject markup.
 */
export function takeFlash(args: RequestArgs): Flash | null {
  const raw = cookieOf(args.request, name);
  if (raw === undefined) return null;
  const state = stateOf(args);
  state.isPrivate = true;
  state.cookies.push(`${name}=; ${attributes}; Max-Age=0`);
  const at = raw.indexOf(":");
  const tone = raw.slice(0, at);
  return tones.has(tone) ? { tone: tone as Flash["tone"], message: raw.slice(at + 1) } : null;
}
