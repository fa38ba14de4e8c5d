import { Permission } from "@lectern/core/kernel/permission";
import { Course } from "@lectern/core/learn/course";
import { Progress } from "@lectern/core/learn/progress";
import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { toCard } from "../components/course-card.tsx";
import { PlatformHome } from "../platform/home.tsx";
import { SchoolHome } from "../school/home.tsx";
import { asActor, onPlatform } from "../server/actor.server.ts";
import { hostFor } from "../server/host.server.ts";
import { orWithout, refusing } from "../server/refusal.server.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) =>
  data?.kind === "school"
    ? [{ title: data.name }, { name: "description", content: data.tagline ?? data.name }]
    : [
        { title: "Lectern: a school of your own, open in a minute" },
        {
          name: "description",
          content: "A learning site under your own name. Bring a course, invite people, see honest progress.",
        },
      ];

/** Serves the start page of a school's host or of the platform's. */
export const loader = async (args: LoaderFunctionArgs) => {
  const host = await refusing(args, () => hostFor(args));
  if (host.kind === "platform") return onPlatform(args, async () => ({ kind: "platform" as const }));
  return asActor(args, async (actor) => {
    const isPerson = actor.type === "user";
    const [{ items, total }, dashboard] = await Promise.all([
      Course.catalog({ limit: 6 }),
      isPerson ? orWithout(Progress.dashboard(), null) : null,
    ]);
    return {
      kind: "school" as const,
      name: actor.school.name,
      locale: actor.school.locale,
      tagline: actor.school.brand.tagline,
      courses: items.map(toCard),
      total,
      goOn: dashboard?.continue ?? null,
      canTeach: Permission.has("course.create", actor),
    };
  });
};

export default function Home() {
  const data = useLoaderData<typeof loader>();
  return data.kind === "platform" ? <PlatformHome /> : <SchoolHome {...data} />;
}
