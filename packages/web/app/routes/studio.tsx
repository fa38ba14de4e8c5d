import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet } from "@remix-run/react";
import { type RailItem, RailLayout } from "../components/frame/rail.tsx";
import { studio } from "../messages/en/studio.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const handle = { frame: "bare" };

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (seat) => {
    requireUser(seat);
    await requirePermission("progress.read");
    return null;
  });

const items: RailItem[] = [
  { to: "/studio", label: studio("courses"), icon: "courses", end: true },
  { to: "/studio/new", label: studio("newCourse"), icon: "plus" },
  { to: "/studio/import", label: studio("imports"), icon: "upload" },
];

export default function Studio() {
  return (
    <RailLayout area={studio("area")} items={items}>
      <Outlet />
    </RailLayout>
  );
}
