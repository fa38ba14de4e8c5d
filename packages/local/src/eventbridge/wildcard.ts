/**
 * Compiles `*` patterns (`\*` and `\\` match themselves) in linear time: each literal between two stars takes its first
 * match.
 */
export function wildcard(pattern: string, fail: (reason: string) => Error): (text: string) => boolean {
  const parts: string[] = [""];
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern.charAt(at);
    if (sign === "*") {
      if (pattern[at - 1] === "*" && parts.at(-1) === "")
        throw fail(`Consecutive wildcard characters at pos ${at - 1}`);
      parts.push("");
      continue;
    }
    if (sign === "\\") {
      const next = pattern[at + 1];
      if (next !== "*" && next !== "\\") throw fail(`Invalid escape character at pos ${at}`);
      at++;
      parts.push((parts.pop() ?? "") + next);
      continue;
    }
    parts.push((parts.pop() ?? "") + sign);
  }
  const first = parts[0] ?? "";
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of middle) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}
