import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { redirect, redirectDocument } from "../server/redirect.server.ts";
import { localPath, stateOf } from "../server/request.server.ts";
import { startSignIn } from "../server/session.server.ts";

/** Where signing in and signing up begin: off to the sign-in host, and back to `next`. `?screen=sign-up` for new people. */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const { searchParams } = new URL(args.request.url);
    const next = searchParams.get("next");
    if (actor.type === "user") return redirect(localPath(next));
    stateOf(args).isPrivate = true;
    const { state, challenge, setCookie } = await startSignIn(next);
    const query = new URLSearchParams({
      response_type: "code",
      client_id: actor.school.schoolId,
      redirect_uri: hereUrl(args.request, actor.school, "/auth/callback"),
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    if (searchParams.get("screen") === "sign-up") query.set("prompt", "create");
    const hint = searchParams.get("email");
    if (hint) query.set("login_hint", hint);
    return redirectDocument(Url.authUrl(pathTo.auth("authorize", query)), { headers: { "set-cookie": setCookie } });
  });

export { NoPage as default } from "../components/no-page.tsx";
