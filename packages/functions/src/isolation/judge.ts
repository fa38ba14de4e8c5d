import type { Stage } from "./api.ts";
import type { Expected } from "./expect.ts";
import type { Ids } from "./world.ts";

export interface Finding {
  readonly route: string;
  readonly actor: string;
  readonly target: string;
  readonly expected: string;
  readonly got: string;
  /** Somebody got past a door, or learned of a row that is not theirs to know of. */
  readonly isLeak: boolean;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
}

interface About {
  readonly route: string;
  readonly actor: string;
  readonly target: string;
}

/** Compares an answer with what the roles and relations say. */
export function judge(about: About & { readonly expected: Expected }, { status, text }: Answered): Finding[] {
  const { expected, ...rest } = about;
  const finding = (what: string, isLeak: boolean): Finding[] => [
    { ...rest, expected: what, got: inWords(status, text), isLeak },
  ];
  if (status >= 500 || status === 429) return finding("an answer", false);
  const isRefused = status === 401 || status === 403 || status === 404;
  if (expected === "refused" && !isRefused) {
    // Refused by the parser: the request was never tried. Anything else came past the permission.
    return finding("401, 403 or 404", codeOf(text) !== "input.invalid");
  }
  if (expected === "allowed" && isRefused) return finding("allowed", false);
  return [];
}

/** The answers to another school's id and to an unknown id must be the same bytes, apart from the request id. */
export function judgeTwins(
  about: About,
  theirs: Answered & { readonly ids: Ids },
  nobodys: Answered & { readonly ids: Ids },
): Finding[] {
  const broken = [theirs, nobodys].find(({ status }) => status >= 500 || status === 429);
  if (broken) return [{ ...about, expected: "an answer", got: inWords(broken.status, broken.text), isLeak: false }];
  if (theirs.status === nobodys.status && plain(theirs) === plain(nobodys)) return [];
  return [
    {
      ...about,
      expected: `as an unknown id: ${inWords(nobodys.status, nobodys.text)}`,
      got: inWords(theirs.status, theirs.text),
      isLeak: true,
    },
  ];
}

/** Without what differs by nature: the request's id, and the ids that were sent where they are repeated. */
function plain({ text, ids }: { readonly text: string; readonly ids: Ids }): string {
  let bare = text.replace(/"requestId":"[^"]*"/, "");
  for (const [name, id] of Object.entries(ids)) if (id.length > 8) bare = bare.replaceAll(id, name);
  return bare;
}

/** Returns what an answer reveals of the other school, if anything. Ids that were sent do not count. */
export function foreignText({ other }: Stage, text: string, sent: readonly string[]): string | undefined {
  if (text.includes(other.canary)) return "the other school's canary";
  const ids = Object.entries({ ...other.own, ...other.foreign }).filter(([name]) => name.endsWith("Id"));
  const found = ids.find(([, id]) => !sent.includes(id) && text.includes(id));
  return found && `the other school's ${found[0]}`;
}

function codeOf(text: string): string | undefined {
  try {
    const { code } = JSON.parse(text);
    return typeof code === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

const inWords = (status: number, text: string): string => [status, codeOf(text)].filter(Boolean).join(" ");
