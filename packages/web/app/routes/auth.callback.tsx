import { withActor } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Identity, Session, Token } from "@lectern/core/people/identity";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { enrollAndOpen } from "../server/arrival.server.ts";
import { AuthClient } from "../server/auth-client.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { stateOf } from "../server/request.server.ts";
import { forgetSignIn, signedIn, startedSignIn } from "../server/session.server.ts";

/**
 * Receives the authorization code from the sign-in host. Only the browser that began this sign-in has the cookie with
 * its state and verifier. The loader exchanges the code for a token and sets the session that the token names.
 */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    stateOf(args).isPrivate = true;
    const { searchParams } = new URL(args.request.url);
    const state = searchParams.get("state") ?? "";
    const code = searchParams.get("code");
    const started = await startedSignIn(args.request, state);
    if (!started || !code)
      throw new DomainError(
        "invalid",
        "auth.state",
        "This sign-in was not begun in this browser, or took too long. Please choose Sign in again.",
      );
    const tokens = await AuthClient.exchange({
      code,
      verifier: started.verifier,
      clientId: actor.school.schoolId,
      redirectUri: hereUrl(args.request, actor.school, "/auth/callback"),
    });
    // The code was used before, for example after the back button: begin again with the same target.
    if (!tokens) return redirect(pathTo.signIn({ next: started.next, enroll: started.course?.id }));
    const { userId, sessionId } = await Token.verify(tokens.accessToken, actor.school);
    const { cookie } = await Session.claim({ userId, sessionId });
    // The browser's previous session ends.
    if (actor.type === "user") await Session.end({ userId: actor.userId, sessionId: actor.sessionId });
    const { course, next } = started;
    // The start page is only the default target, so a person who works at the school goes to their own area.
    const person = course || next === pathTo.home() ? await Session.resolve(cookie) : undefined;
    const to = person && next === pathTo.home() ? Identity.startPageOf(person.roles) : next;
    const answer = course && person ? await withActor(person, () => enrollAndOpen(course)) : redirect(to);
    answer.headers.append("set-cookie", signedIn(cookie));
    answer.headers.append("set-cookie", forgetSignIn(state));
    return answer;
  });

export { NoPage as default } from "../components/no-page.tsx";
