import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";
import { redirect } from "../server/redirect.server.ts";

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("user.read");
    return redirect("/admin/people");
  });

export { NoPage as default } from "../components/no-page.tsx";
