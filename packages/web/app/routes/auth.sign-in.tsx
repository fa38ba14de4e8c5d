import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Course } from "@lectern/core/learn/course";
import { openWish, sealWish, type Wish } from "@lectern/core/people/identity";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { asActor } from "../server/actor.server.ts";
import { hereUrl } from "../server/host.server.ts";
import { redirect, redirectDocument } from "../server/redirect.server.ts";
import { attempt } from "../server/refusal.server.ts";
import { localPath, stateOf } from "../server/request.server.ts";
import { startSignIn } from "../server/session.server.ts";

/** Longer targets stay in this browser's cookie only, because the sign-in host's URL would become too long. */
const longestKept = 500;
const prompts: Readonly<Record<string, string>> = { "sign-up": "create", reset: "reset" };

/**
 * Starts signing in or up: redirects to the sign-in host, which returns to `next`. `?screen=sign-up` is for new people;
 * `?enroll=<course>` enrolls on arrival. `?wish=` holds both, sealed by the sign-in host for a person it has just
 * verified.
 */
export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const { searchParams } = new URL(args.request.url);
    const { school } = actor;
    const sealed = await openWish(school.schoolId, searchParams.get("wish"));
    const next = sealed ? (sealed.wish.next ?? "/") : localPath(searchParams.get("next"));
    const wanted = sealed?.wish.course?.id ?? searchParams.get("enroll");
    const screen = searchParams.get("screen") ?? "";
    // A signed-in person changes the password on their account page, with the current one.
    if (actor.type === "user" && screen === "reset") return redirect(pathTo.account());
    // A link must never enroll anybody: a signed-in person presses the button on the course's page.
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

/** Returns a course that a visitor may enroll in. */
async function courseOf(courseIdOrSlug: string): Promise<Wish["course"]> {
  const found = await attempt(Course.page({ courseIdOrSlug }));
  return found.ok && found.value.status === "published"
    ? { id: found.value.id, title: found.value.title.slice(0, 200) }
    : undefined;
}

export { NoPage as default } from "../components/no-page.tsx";
