import { has, type PermissionName } from "@lectern/core/kernel/permission";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet, useLoaderData } from "@remix-run/react";
import { type RailItem, RailLayout } from "../components/frame/rail.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const handle = { frame: "bare" };

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (seat) => {
    requireUser(seat);
    await requirePermission("progress.read");
    return { pages: rail.filter(({ needs }) => has(needs)).map(({ to }) => to) };
  });

const rail: readonly (RailItem & { readonly needs: PermissionName })[] = [
  { to: "/studio", label: studio("courses"), icon: "courses", end: true, needs: "progress.read" },
  { to: "/studio/new", label: studio("newCourse"), icon: "plus", needs: "course.create" },
  { to: "/studio/import", label: studio("imports"), icon: "upload", needs: "course.create" },
];

export default function Studio() {
  const { pages } = useLoaderData<typeof loader>();
  const items = rail.filter(({ to }) => pages.includes(to)).map(({ needs: _, ...item }) => item);
  return (
    <RailLayout area={studio("area")} items={items}>
      <Outlet />
    </RailLayout>
  );
}
