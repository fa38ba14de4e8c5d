import { createHash } from "node:crypto";

/** One error as a log line tells it. */
export interface Failure {
  /** The class: "TypeError", "PostgresError"; "none" where only a sentence was logged. */
  readonly type: string;
  readonly message: string;
  readonly stack: string;
}

export interface Grouped {
  readonly fingerprint: string;
  readonly message: string;
  /** "enroll packages/core/src/learn/enrollment/index.ts", or empty. */
  readonly frame: string;
}

/**
 * Groups equal errors: by class, message without its variable parts, and position in our own code. It ignores line
 * numbers, so an edit further up makes no new group.
 */
export function group({ type, message, stack }: Failure): Grouped {
  const plain = normalise(message);
  const frame = ownFrame(stack);
  const fingerprint = createHash("sha256").update(`${type}\n${plain}\n${frame}`).digest("hex").slice(0, 16);
  return { fingerprint, message: plain, frame };
}

const maxMessage = 300;

/** Replaces a message's ids, numbers, addresses and quoted texts: they vary, and may be personal. */
export function normalise(message: string): string {
  return (message.split("\n")[0] ?? "")
    .slice(0, 2_000)
    .replaceAll(/(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+/g, "<email>")
    .replaceAll(/\bhttps?:\/\/[^\s"'`)]+/gi, "<url>")
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "<uuid>")
    .replaceAll(/\b[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{20,}\b/g, "<id>")
    .replaceAll(/(["'`])((?:(?!\1).){1,500})\1/g, (_, quote: string, inner: string) =>
      // An identifier in the code says what is wrong; anything longer may be a person's text.
      /^[A-Za-z_$][\w$.]{0,40}$/.test(inner) ? `${quote}${inner}${quote}` : "<text>",
    )
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, "<address>")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, "<hex>")
    .replaceAll(/\d+(?:[.,]\d+)*/g, "<n>")
    .trim()
    .slice(0, maxMessage);
}

const frameLine = /^\s*at (?:(async )?(.+?) \()?(?:file:\/\/)?([^()]+?):\d+:\d+\)?$/;

/** The topmost line of the stack that is our own code: function and file. */
function ownFrame(stack: string): string {
  for (const line of stack.split("\n")) {
    const found = frameLine.exec(line);
    if (!found) continue;
    const [, , name = "", path = ""] = found;
    if (path.includes("node_modules") || path.startsWith("node:")) continue;
    const file = path.includes("packages/") ? path.slice(path.indexOf("packages/")) : (path.split("/").at(-1) ?? path);
    return `${name} ${file.split("?", 1)[0]}`.trim();
  }
  return "";
}
