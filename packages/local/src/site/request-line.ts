import type { IncomingMessage } from "node:http";

export interface Malformed {
  readonly status: 400 | 405 | 414;
  readonly message: string;
}

/** `Request` refuses TRACE, TRACK and CONNECT; no route handles other methods. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const name = /^(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.?$/i;
const maxTarget = 8 * 1024;

/** Returns why CloudFront would refuse this request whatever its path; undefined when it would not. */
export function malformed({
  method = "",
  url = "",
  headers,
}: Pick<IncomingMessage, "method" | "url" | "headers">): Malformed | undefined {
  if (!methods.has(method)) return { status: 405, message: `This site does not know ${method.slice(0, 20)}.` };
  // RFC 9112: origin servers receive a path; absolute addresses are for proxies.
  if (!url.startsWith("/") || /[^\x21-\x7e]/.test(url))
    return { status: 400, message: "Ask for a path that begins with /." };
  if (url.length > maxTarget) return { status: 414, message: "That address is too long." };
  const host = headers.host ?? "";
  if (!isHost(host) || !URL.canParse(`http://${host}${url}`))
    return { status: 400, message: "The host is not a name." };
  return undefined;
}

function isHost(host: string): boolean {
  const [, ip, bare = "", port] = /^(?:(\[[0-9a-f:.]{2,45}\])|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(host) ?? [];
  if (port !== undefined && Number(port) > 65_535) return false;
  return ip !== undefined || (bare.length <= 253 && name.test(bare));
}
