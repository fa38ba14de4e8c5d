import { Identity } from "@lectern/core/identity";
import { has } from "@lectern/core/kernel/permission";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet, useLoaderData } from "@remix-run/react";
import { type RailItem, RailLayout } from "../components/frame/rail.tsx";
import { admin } from "../messages/en/admin.ts";
import { domains } from "../messages/en/domains.ts";
import { legal } from "../messages/en/legal.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";

export const handle = { frame: "bare" };

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (seat) => {
    requireUser(seat);
    await requirePermission("user.read");
    const waiting = has("role.manage")
      ? (await Identity.roleRequests({ status: "pending", limit: 100 })).items.length
      : 0;
    return {
      waiting,
      canMakeKeys: has("integration.manage"),
      hasDomains: has("domain.manage"),
      hasSettings: has("school.settings"),
    };
  });

export default function Admin() {
  const { waiting, canMakeKeys, hasDomains, hasSettings } = useLoaderData<typeof loader>();
  const items: RailItem[] = [
    { to: "/admin/people", label: admin("people"), icon: "people", group: admin("groupPeople") },
    { to: "/admin/invitations", label: admin("invitations"), icon: "mail", group: admin("groupPeople") },
    { to: "/admin/requests", label: admin("requests"), icon: "person", badge: waiting, group: admin("groupPeople") },
    { to: "/admin/categories", label: admin("categories"), icon: "courses", group: admin("groupSite") },
    { to: "/admin/brand", label: admin("brand"), icon: "brand", group: admin("groupSite") },
    ...(hasDomains
      ? [{ to: "/admin/domains", label: domains("title"), icon: "external", group: admin("groupSite") } as const]
      : []),
    ...(hasSettings
      ? [{ to: "/admin/legal", label: legal("title"), icon: "file", group: admin("groupSite") } as const]
      : []),
    { to: "/admin/settings", label: admin("settings"), icon: "settings", group: admin("groupSchool") },
    ...(canMakeKeys
      ? [{ to: "/admin/keys", label: admin("keys"), icon: "key", group: admin("groupSchool") } as const]
      : []),
    { to: "/admin/audit", label: admin("audit"), icon: "file", group: admin("groupSchool") },
    { to: "/admin/health", label: admin("health"), icon: "health", group: admin("groupSchool") },
  ];
  return (
    <RailLayout area={admin("area")} items={items}>
      <Outlet />
    </RailLayout>
  );
}
