import { has, type PermissionName } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet, useLoaderData } from "@remix-run/react";
import { type RailItem, RailLayout } from "../components/frame/rail.tsx";
import { admin } from "../messages/en/admin.ts";
import { domains } from "../messages/en/domains.ts";
import { legal } from "../messages/en/legal.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { requireAdminArea } from "../server/guard.server.ts";

export const handle = { frame: "bare" };

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (seat) => {
    requireUser(seat);
    await requireAdminArea();
    const waiting = has("role.manage")
      ? (await Identity.roleRequests({ status: "pending", limit: 100 })).items.length
      : 0;
    return { waiting, pages: rail.filter(({ needs }) => has(needs)).map(({ to }) => to) };
  });

const rail: readonly (Omit<RailItem, "badge"> & { readonly needs: PermissionName })[] = [
  { to: "/admin/people", label: admin("people"), icon: "people", group: admin("groupPeople"), needs: "user.read" },
  {
    to: "/admin/invitations",
    label: admin("invitations"),
    icon: "mail",
    group: admin("groupPeople"),
    needs: "user.invite",
  },
  {
    to: "/admin/requests",
    label: admin("requests"),
    icon: "person",
    group: admin("groupPeople"),
    needs: "role.manage",
  },
  {
    to: "/admin/categories",
    label: admin("categories"),
    icon: "courses",
    group: admin("groupSite"),
    needs: "category.manage",
  },
  { to: "/admin/brand", label: admin("brand"), icon: "brand", group: admin("groupSite"), needs: "school.brand" },
  {
    to: "/admin/domains",
    label: domains("title"),
    icon: "external",
    group: admin("groupSite"),
    needs: "domain.manage",
  },
  { to: "/admin/legal", label: legal("title"), icon: "file", group: admin("groupSite"), needs: "school.settings" },
  {
    to: "/admin/settings",
    label: admin("settings"),
    icon: "settings",
    group: admin("groupSchool"),
    needs: "school.settings",
  },
  { to: "/admin/keys", label: admin("keys"), icon: "key", group: admin("groupSchool"), needs: "integration.manage" },
  { to: "/admin/audit", label: admin("audit"), icon: "file", group: admin("groupSchool"), needs: "school.audit" },
  {
    to: "/admin/health",
    label: admin("health"),
    icon: "health",
    group: admin("groupSchool"),
    needs: "school.settings",
  },
];

export default function Admin() {
  const { waiting, pages } = useLoaderData<typeof loader>();
  const items: RailItem[] = [
    { to: "/admin", label: admin("overview"), icon: "outline", end: true },
    ...rail
      .filter(({ to }) => pages.includes(to))
      .map(({ needs: _, ...item }) => (item.to === "/admin/requests" ? { ...item, badge: waiting } : item)),
  ];
  return (
    <RailLayout area={admin("area")} items={items}>
      <Outlet />
    </RailLayout>
  );
}
