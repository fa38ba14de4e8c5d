import { Directory } from "@lectern/core/kernel/directory";
import { School } from "@lectern/tenants/school";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { Resource } from "sst";
import { onPlatform } from "../server/actor.server.ts";
import { limits } from "../server/limit.server.ts";

export interface SlugCheck {
  readonly slug: string;
  /** The slug was made from a name, not typed. */
  readonly proposed: boolean;
  readonly isFree: boolean;
  /** Why not, in words. */
  readonly reason: string | null;
  readonly suggestions: readonly string[];
}

/** May a school have this address, and is it still free? Asked while typing; sending the form asks again. */
export const loader = (args: LoaderFunctionArgs) =>
  onPlatform(
    args,
    async (): Promise<SlugCheck> => {
      const params = new URL(args.request.url).searchParams;
      const name = params.get("name");
      const typed = (params.get("slug") ?? "").trim().toLowerCase().slice(0, 60);
      const slug = name === null ? typed : School.suggestSlug(name.slice(0, 80));
      const answer = { slug, proposed: name !== null };
      const verdict = School.checkSlug(slug);
      const reason = verdict.ok
        ? (await isTaken(slug))
          ? "Another school lives at this address."
          : null
        : verdict.reason;
      if (reason === null) return { ...answer, isFree: true, reason, suggestions: [] };
      // Only a plain word is worth varying: what is left of look-alike letters would propose nonsense.
      const isPlain = /^[a-z0-9-]{3,}$/.test(slug);
      return { ...answer, isFree: false, reason, suggestions: isPlain ? await freeOnes(slug) : [] };
    },
    { limit: limits.typing },
  );

const isTaken = async (slug: string): Promise<boolean> =>
  (await Directory.byHost(`${slug}.${Resource.Platform.domain.split(":")[0]}`)) !== undefined;

async function freeOnes(slug: string): Promise<string[]> {
  const base = School.suggestSlug(slug);
  if (!base) return [];
  const wanted = [...new Set([base, `${base}-school`, `${base}-academy`, `learn-${base}`])].filter(
    (each) => each !== slug && School.checkSlug(each).ok,
  );
  const taken = await Promise.all(wanted.map(isTaken));
  return wanted.filter((_, index) => !taken[index]).slice(0, 3);
}
