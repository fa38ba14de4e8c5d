import { Course } from "@lectern/core/course";
import { openWish, sealWish, type Wish } from "@lectern/core/identity";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { redirect, redirectDocument } from "../server/redirect.server.ts";
import { attempt } from "../server/refusal.server.ts";
import { localPath, stateOf } from "../server/request.server.ts";
import { startSignIn } from "../server/session.server.ts";

/** Longer ones return in this browser only: the rest of the way they would burst an address. */
const longestKept = 500;
const prompts: Readonly<Record<string, string>> = { "sign-up": "create", reset: "reset" };

/**
 * Where signing in and signing up begin: off to the sign-in host, and back to `next`. `?screen=sign-up` is for new people,
 * `?enroll=<course>` enrolls in that course on arrival. `?wish=` is what the sign-in host sealed: both of these, for whom it
 * has just checked.
 */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const { searchParams } = new URL(args.request.url);
    const { school } = actor;
    const sealed = await openWish(school.schoolId, searchParams.get("wish"));
    const next = sealed ? (sealed.wish.next ?? "/") : localPath(searchParams.get("next"));
    const wanted = sealed?.wish.course?.id ?? searchParams.get("enroll");
    const screen = searchParams.get("screen") ?? "";
    // Who is signed in chooses a new password on their own page, by the one they have.
    if (actor.type === "user" && screen === "reset") return redirect(pathTo.account());
    // Enrolling is never done by a link: who is signed in presses the button on the course's page.
    if (actor.type === "user" && !sealed?.isProved) return redirect(wanted ? pathTo.course(wanted) : localPath(next));
    stateOf(args).isPrivate = true;
    const course = sealed?.wish.course ?? (wanted ? await courseOf(wanted) : undefined);
    if (wanted && !course) return redirect(pathTo.course(wanted));
    const { state, challenge, setCookie } = await startSignIn(next, course);
    const wish: Wish = { ...(course && { course }), ...(next.length <= longestKept && { next: localPath(next) }) };
    const query = new URLSearchParams({
      response_type: "code",
      client_id: school.schoolId,
      redirect_uri: hereUrl(args.request, school, "/auth/callback"),
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
      wish: await sealWish({ schoolId: school.schoolId, wish }),
    });
    const prompt = prompts[screen];
    if (prompt) query.set("prompt", prompt);
    const hint = searchParams.get("email");
    if (hint) query.set("login_hint", hint);
    return redirectDocument(Url.authUrl(pathTo.auth("authorize", query)), { headers: { "set-cookie": setCookie } });
  });

/** A course that a visitor may enroll in. */
async function courseOf(courseIdOrSlug: string): Promise<Wish["course"]> {
  const found = await attempt(Course.page({ courseIdOrSlug }));
  return found.ok && found.value.status === "published"
    ? { id: found.value.id, title: found.value.title.slice(0, 200) }
    : undefined;
}

export { NoPage as default } from "../components/no-page.tsx";
