import { kindWords } from "../messages/en/audit.ts";

const day = (text: string | undefined): string | undefined =>
  text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined;

/** Returns the address's filters. It ignores unknown values, so that an old link never fails. */
export function auditQuery(url: URL) {
  const get = (name: string) => url.searchParams.get(name)?.trim() || undefined;
  return {
    q: get("q")?.slice(0, 100),
    kind: Object.keys(kindWords).find((kind) => kind === get("kind")),
    actorId: get("by")?.slice(0, 100),
    from: day(get("from")),
    to: day(get("to")),
  };
}
