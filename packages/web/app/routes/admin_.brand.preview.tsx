import { Course } from "@lectern/core/learn/course";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { toCard } from "../components/course-card.tsx";
import { SchoolHome } from "../school/home.tsx";
import { asActor } from "../server/actor.server.ts";
import { draftOf } from "../server/brand-draft.server.ts";
import { requirePermission } from "../server/guard.server.ts";

/** Shown only in a frame: it runs no scripts and nothing on it is clickable. */
export const handle = { isStill: true };

/** Serves the school's start page with the brand in the address; the root applies that brand. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    await requirePermission("school.brand");
    const { name, locale, brand } = draftOf(actor, new URL(args.request.url).searchParams);
    const { items, total } = await Course.catalog({ limit: 6 });
    return { name, locale, tagline: brand.tagline, courses: items.map(toCard), total };
  });

export default function Preview() {
  return <SchoolHome {...useLoaderData<typeof loader>()} goOn={null} canTeach={false} />;
}
