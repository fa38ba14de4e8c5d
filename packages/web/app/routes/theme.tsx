import type { ActionFunctionArgs } from "@remix-run/node";
import { requireSameOrigin } from "../server/csrf.server.ts";
import { limits, requireLimit } from "../server/limit.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { refusing } from "../server/refusal.server.ts";
import { localPath } from "../server/request.server.ts";
import { isTheme, railCookie, themeCookie } from "../server/theme.server.ts";

/** Stores this browser's display preferences in cookies, on any host. */
export const action = (args: ActionFunctionArgs) =>
  refusing(args, async () => {
    requireSameOrigin(args.request);
    await requireLimit(args.request, limits.write);
    const form = await args.request.formData();
    const theme = form.get("theme");
    const rail = form.get("rail");
    const headers = new Headers();
    if (isTheme(theme)) headers.append("set-cookie", themeCookie(theme));
    if (rail === "folded" || rail === "open") headers.append("set-cookie", railCookie(rail === "folded"));
    return redirect(localPath(form.get("next")), { headers });
  });

export const loader = () => redirect("/");

export { NoPage as default } from "../components/no-page.tsx";
