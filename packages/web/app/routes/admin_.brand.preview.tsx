import { Course } from "@lectern/core/course";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { toCard } from "../components/course-card.tsx";
import { SchoolHome } from "../school/home.tsx";
import { asActor } from "../server/actor.server.ts";
import { draftOf } from "../server/brand-draft.server.ts";
import { requirePermission } from "../server/guard.server.ts";

/** Shown in a frame and nowhere else: nothing on it can be pressed and no script runs. */
export const handle = { isStill: true };

/** The school's start page as visitors would see it in the brand that the address names (the root dresses it). */
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
