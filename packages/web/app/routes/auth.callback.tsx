import { Identity, Session, Token } from "@lectern/core/identity";
import { withActor } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { enrollAndOpen } from "../server/arrival.server.ts";
import { AuthClient } from "../server/auth-client.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { stateOf } from "../server/request.server.ts";
import { forgetSignIn, signedIn, startedSignIn } from "../server/session.server.ts";

/**
 * The sign-in host sends people back here with a code. Only the browser that began this sign-in has the cookie with its
 * state and verifier; then the code becomes a token, and the session the token names becomes this browser's.
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
    // Used already: somebody went back and forth. Begin again, to the same page.
    if (!tokens) return redirect(pathTo.signIn({ next: started.next, enroll: started.course?.id }));
    const { userId, sessionId } = await Token.verify(tokens.accessToken, actor.school);
    const { cookie } = await Session.claim({ userId, sessionId });
    // The session this browser had before ends with it.
    if (actor.type === "user") await Session.end({ userId: actor.userId, sessionId: actor.sessionId });
    const { course, next } = started;
    // Nobody asks for the start page: a person who came to work goes to their own work.
    const person = course || next === pathTo.home() ? await Session.resolve(cookie) : undefined;
    const to = person && next === pathTo.home() ? Identity.startPageOf(person.roles) : next;
    const answer = course && person ? await withActor(person, () => enrollAndOpen(course)) : redirect(to);
    answer.headers.append("set-cookie", signedIn(cookie));
    answer.headers.append("set-cookie", forgetSignIn(state));
    return answer;
  });

export { NoPage as default } from "../components/no-page.tsx";
