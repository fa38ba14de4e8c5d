import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Session } from "@lectern/core/people/identity";
import type { ActionFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { redirect, redirectDocument } from "../server/redirect.server.ts";
import { stateOf } from "../server/request.server.ts";
import { signedOut } from "../server/session.server.ts";

/** Ends this browser's session. Deleting the row makes a copied cookie worthless. */
export const action = (args: ActionFunctionArgs) =>
  asActor(args, async (actor) => {
    stateOf(args).isPrivate = true;
    if (actor.type === "user") await Session.end({ userId: actor.userId, sessionId: actor.sessionId });
    const page = pathTo.auth("signed-out", { school: actor.school.slug });
    return redirectDocument(Url.authUrl(page), { status: 303, headers: { "set-cookie": signedOut() } });
  });

/** GET does nothing, so a link or an image cannot sign anybody out. */
export const loader = () => redirect("/");

export { NoPage as default } from "../components/no-page.tsx";
