import { Directory } from "@lectern/core/kernel/directory";
import { School } from "@lectern/tenants/school";
import { Resource } from "sst";

export interface AddressCheck {
  /** What was asked: a name, or an address as it was typed. */
  readonly asked: string;
  readonly slug: string;
  /** The slug was made from a name, not typed. */
  readonly proposed: boolean;
  readonly isFree: boolean;
  /** Why not, in words. */
  readonly reason: string | null;
  readonly suggestions: readonly string[];
}

/** May a school have the address that its name suggests, and is it still free? */
export async function checkName(name: string): Promise<AddressCheck> {
  const slug = await School.proposeSlug(name.slice(0, 80));
  if (slug === "") return { asked: name, slug, proposed: true, isFree: false, reason: null, suggestions: [] };
  const checked = await check(slug);
  const [instead] = checked.suggestions;
  // A taken one is no proposal where another is free.
  return { ...(instead ? await check(instead) : checked), asked: name, proposed: true };
}

/** May a school have this address, and is it still free? */
export async function checkAddress(typed: string): Promise<AddressCheck> {
  return { ...(await check(typed.trim().toLowerCase().slice(0, 60))), asked: typed, proposed: false };
}

async function check(slug: string): Promise<Pick<AddressCheck, "slug" | "isFree" | "reason" | "suggestions">> {
  const verdict = School.checkSlug(slug);
  const isFree = verdict.ok && !(await isTaken(slug));
  if (isFree) return { slug, isFree, reason: null, suggestions: [] };
  const reason = verdict.ok ? "Another school lives at this address." : verdict.reason;
  // Of look-alike letters an address would be proposed that reads as another.
  const isLookalike = !verdict.ok && verdict.code === "slug.lookalike";
  return { slug, isFree, reason, suggestions: isLookalike ? [] : await freeOnes(slug) };
}

const isTaken = async (slug: string): Promise<boolean> =>
  (await Directory.byHost(`${slug}.${Resource.Platform.domain.split(":")[0]}`)) !== undefined;

async function freeOnes(slug: string): Promise<string[]> {
  const base = await School.proposeSlug(slug);
  if (!base) return [];
  const wanted = [...new Set([base, `${base}-school`, `${base}-academy`, `learn-${base}`])].filter(
    (each) => School.checkSlug(each).ok,
  );
  const taken = await Promise.all(wanted.map(isTaken));
  return wanted.filter((each, index) => !taken[index] && each !== slug).slice(0, 3);
}
