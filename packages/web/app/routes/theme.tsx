import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { requireSameOrigin } from "../server/csrf.server.ts";
import { limits, requireLimit } from "../server/limit.server.ts";
import { refusing } from "../server/refusal.server.ts";
import { localPath } from "../server/request.server.ts";
import { isTheme, themeCookie } from "../server/theme.server.ts";

/** Light, dark or the system's, on either host; nothing of a person or a school is touched. */
export const action = (args: ActionFunctionArgs) =>
  refusing(args, async () => {
    requireSameOrigin(args.request);
    await requireLimit(args.request, limits.write);
    const form = await args.request.formData();
    const theme = form.get("theme");
    return redirect(localPath(form.get("next")), {
      headers: { "set-cookie": themeCookie(isTheme(theme) ? theme : "auto") },
    });
  });

export const loader = () => redirect("/");
