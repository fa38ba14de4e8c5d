import { withActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Identity } from "@lectern/core/people/identity";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { forgetOpened, openedCode } from "../platform/opened.server.ts";
import { onPlatform } from "../server/actor.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { attempt } from "../server/refusal.server.ts";
import { stateOf } from "../server/request.server.ts";

/**
 * Receives the browser's id (`?browser=`) from the sign-in host and binds the cookie's one-time code to it. Without the
 * cookie, the school's sign-in asks for the password.
 */
export const loader = (args: LoaderFunctionArgs) =>
  onPlatform(args, async () => {
    const { searchParams } = new URL(args.request.url);
    const slug = searchParams.get("school") ?? "";
    const browser = searchParams.get("browser") ?? "";
    const isSlug = /^[a-z0-9-]{1,63}$/.test(slug);
    const school = isSlug ? await Directory.byHost(`${slug}.${Directory.platformHost()}`) : undefined;
    if (!school) throw Directory.notFound();
    const opened = openedCode(args.request, school);
    const bound =
      opened && /^[\w-]{43}$/.test(browser)
        ? await withActor({ type: "public", school, requestId: stateOf(args).requestId }, () =>
            attempt(Identity.useCode({ code: opened }).then(({ userId }) => Identity.issueCode({ userId, browser }))),
          )
        : undefined;
    const to = bound?.ok
      ? Url.authUrl(pathTo.auth("opened", { school: slug, code: bound.value.code }))
      : Url.schoolUrl(school, pathTo.signIn({ next: pathTo.admin() }));
    return redirect(to, { headers: { "set-cookie": forgetOpened } });
  });

export { NoPage as default } from "../components/no-page.tsx";
