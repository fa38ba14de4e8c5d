import { Course } from "@lectern/core/learn/course";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { limits } from "../server/limit.server.ts";

export interface SearchHit {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
}

/** Answers the search dialog during typing; without scripts the catalog's form searches. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(
    args,
    async () => {
      const q = new URL(args.request.url).searchParams.get("q")?.slice(0, 200) ?? "";
      const { items, didYouMean } = await Course.catalog({ q, limit: 6 });
      return {
        typed: q,
        didYouMean,
        items: items.map(({ slug, title, summary, minutes }): SearchHit => ({ slug, title, summary, minutes })),
      };
    },
    { limit: limits.typing },
  );
