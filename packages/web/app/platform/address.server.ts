import { Directory } from "@lectern/core/kernel/directory";
import { School } from "@lectern/tenants/school";
import { Resource } from "sst";

export interface AddressCheck {
  /** The name, or the address as typed. */
  readonly asked: string;
  readonly slug: string;
  /** The slug comes from a name; the person did not type it. */
  readonly proposed: boolean;
  readonly isFree: boolean;
  readonly reason: string | null;
  readonly suggestions: readonly string[];
}

/** Checks the address that a school's name suggests. */
export async function checkName(name: string): Promise<AddressCheck> {
  const slug = await School.proposeSlug(name.slice(0, 80));
  if (slug === "") return { asked: name, slug, proposed: true, isFree: false, reason: null, suggestions: [] };
  const checked = await check(slug);
  const [instead] = checked.suggestions;
  // Proposes another address only if it is available.
  return { ...(instead ? await check(instead) : checked), asked: name, proposed: true };
}

/** Checks whether a school may have this address and whether it is available. */
export async function checkAddress(typed: string): Promise<AddressCheck> {
  return { ...(await check(typed.trim().toLowerCase().slice(0, 60))), asked: typed, proposed: false };
}

async function check(slug: string): Promise<Pick<AddressCheck, "slug" | "isFree" | "reason" | "suggestions">> {
  const verdict = School.checkSlug(slug);
  const isFree = verdict.ok && !(await isTaken(slug));
  if (isFree) return { slug, isFree, reason: null, suggestions: [] };
  const reason = verdict.ok ? "Another school lives at this address." : verdict.reason;
  // A proposal made of look-alike letters would read as another address.
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
