/** @jsxImportSource hono/jsx */

import type { Route } from "@lectern/core/kernel/actor";
import { isDomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Enrollment } from "@lectern/core/learn/enrollment";
import { Identity } from "@lectern/core/people/identity";
import { Hono } from "hono";
import { arrive, browserMark, browserOf, doorFor, knownBrowser, returnOrigin } from "./arrive.ts";
import { type AuthContext, type AuthEnv, asVisitor, frameOf, limit, requireForm, schoolBySlug } from "./context.ts";
import { blank, type FormState } from "./pages/form.tsx";
import { Address } from "./pages/layout.tsx";
import { DonePage, EmailChangePage, InvitationPage, MessagePage, ResetPage, VerifyPage } from "./pages/links.tsx";
import { refusedForm } from "./sign-in.tsx";

// Pages behind mail links: `?school=<slug>&token=<secret>`. They read no other parameter, so a link cannot redirect to
// another site.

export const linkRoutes = new Hono<AuthEnv>();

/** The page of a link that was used or is too old. */
function over(c: AuthContext, text: string) {
  const school = c.get("school");
  const action = school && { href: Url.schoolUrl(school, "/auth/sign-in"), label: "Go to sign in" };
  return c.html(<MessagePage frame={frameOf(c)} title="This link no longer works" text={text} action={action} />, 410);
}

const isOver = (error: unknown): boolean => isDomainError(error) && error.code === "token.over";

const words = {
  verify:
    "It was used already, is older than 24 hours, or your address is confirmed in another way. Sign in with your password; if your address is not confirmed yet, you can have the mail sent again there.",
  reset:
    "It was used already or is older than one hour. On the sign-in page, choose Forgot your password to get a new one.",
  email: "It was used already, was taken back, or is too old. Nothing was changed now.",
  opened: "It was used already or is older than two minutes. Sign in with the password you have chosen.",
  invitation:
    "It was used already, was withdrawn, or is older than seven days. If you have accepted it, sign in; if not, ask the school to invite you again.",
} as const;

interface Link {
  readonly route: Route;
  readonly token: string;
}

/**
 * Answers a link of a mail, or the form of its page, as a visitor of the school that it names. A link that no longer works
 * gets a page that says why. `refused` answers a form that was not accepted.
 */
async function onLink(
  c: AuthContext,
  about: keyof typeof words,
  answer: (link: Link) => Promise<Response>,
  refused?: (error: unknown, link: Link) => Promise<Response>,
): Promise<Response> {
  const given = c.req.method === "POST" ? c.get("form") : new URL(c.req.url).searchParams;
  const route = await schoolBySlug(c, given.get("school"));
  const link = { route, token: (given.get("token") ?? "").slice(0, 200) };
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      return await answer(link);
    } catch (error) {
      if (isOver(error)) return over(c, words[about]);
      if (refused) return await refused(error, link);
      throw error;
    }
  });
}

// The browser that signed up is recognized by its cookie and goes straight on. A program that looks at mails has no cookie, so
// its visit confirms nothing; neither does anyone else's without the password.
linkRoutes.get("/verify", (c) =>
  onLink(c, "verify", async ({ route, token }) => {
    const browser = await knownBrowser(c);
    const about = await Identity.verificationByToken({ token, browser });
    c.set("home", await returnOrigin(route, about.wish));
    if (!about.isOwnBrowser)
      return c.html(<VerifyPage frame={frameOf(c)} token={token} state={blank} email={about.email} />);
    const { userId, wish } = await Identity.verifyEmail({ token, browser });
    return arrive(c, route, userId, wish);
  }),
);

linkRoutes.post("/verify", requireForm, (c) =>
  onLink(
    c,
    "verify",
    async ({ route, token }) => {
      const { userId, wish } = await Identity.verifyEmail({ token, password: c.get("form").get("password") ?? "" });
      return arrive(c, route, userId, wish);
    },
    async (error, { route, token }) => {
      const { state, status } = refusedForm(c, error, {});
      const about = await Identity.verificationByToken({ token });
      c.set("home", await returnOrigin(route, about.wish));
      return c.html(<VerifyPage frame={frameOf(c)} token={token} state={state} email={about.email} />, status);
    },
  ),
);

// A school has just been opened on the platform's host, whose page checked the password and sends its person here. Without a
// code the browser goes back there once, to have its code bound to the cookie that it has here: neither a copied address nor
// a link from somebody else signs anybody in.
linkRoutes.get("/opened", (c) =>
  onLink(c, "opened", async ({ route }) => {
    const browser = await browserMark(c);
    const code = c.req.query("code");
    if (code === undefined)
      return c.redirect(Url.platformUrl(pathTo.signUpEnter({ school: route.slug, browser })), 303);
    const { userId } = await Identity.useCode({ code: code.slice(0, 200), browser });
    await Identity.trustBrowser({ userId, browser: await browserOf(c) });
    return arrive(c, route, userId, { next: pathTo.admin() });
  }),
);

linkRoutes.get("/reset", (c) =>
  onLink(c, "reset", async ({ route, token }) => {
    const { email, wish } = await Identity.resetByToken({ token });
    c.set("home", await returnOrigin(route, wish));
    return c.html(<ResetPage frame={frameOf(c)} token={token} state={blank} email={email} />);
  }),
);

linkRoutes.post("/reset", requireForm, (c) =>
  onLink(
    c,
    "reset",
    async ({ route, token }) => {
      const { userId, wish } = await Identity.resetPassword({ token, password: c.get("form").get("password") ?? "" });
      return arrive(c, route, userId, wish);
    },
    async (error, { route, token }) => {
      const { state, status } = refusedForm(c, error, {});
      const { email, wish } = await Identity.resetByToken({ token });
      c.set("home", await returnOrigin(route, wish));
      return c.html(<ResetPage frame={frameOf(c)} token={token} state={state} email={email} />, status);
    },
  ),
);

linkRoutes.get("/invitation", (c) =>
  onLink(c, "invitation", async ({ token }) => {
    const invited = await Enrollment.invitationByToken({ token });
    return c.html(<InvitationPage frame={frameOf(c)} token={token} state={blank} invited={invited} />);
  }),
);

linkRoutes.post("/invitation", requireForm, (c) => {
  const form = c.get("form");
  const [givenName, familyName] = [form.get("givenName") ?? "", form.get("familyName") ?? ""];
  const password = form.get("password") ?? "";
  return onLink(
    c,
    "invitation",
    async ({ route, token }) => {
      const accepted = await Enrollment.acceptInvitation({
        token,
        familyName,
        ...(givenName.trim() && { givenName }),
        ...(password && { password }),
      });
      const wish = { ...(accepted.course && { course: accepted.course }) };
      if (accepted.isNew) return arrive(c, route, accepted.userId, wish);
      // An invitation never signs in to an account that exists: its password is asked for.
      return c.redirect(await doorFor(route, wish, { email: accepted.email }), 303);
    },
    async (error, { token }) => {
      const { state, status } = refusedForm(c, error, { givenName, familyName });
      const invited = await Enrollment.invitationByToken({ token });
      return c.html(<InvitationPage frame={frameOf(c)} token={token} state={state} invited={invited} />, status);
    },
  );
});

interface Change {
  readonly page: "email" | "email-undo";
  readonly purpose: "change_email" | "undo_email_change";
  readonly title: string;
  readonly button: string;
  readonly run: (input: { token: string }) => Promise<{ email: string }>;
}

const changes: readonly Change[] = [
  {
    ...{ page: "email", purpose: "change_email", title: "Your new address", button: "Use this address" },
    run: Identity.confirmEmailChange,
  },
  {
    ...{ page: "email-undo", purpose: "undo_email_change", title: "Undo the change of your address" },
    ...{ button: "Undo the change", run: Identity.undoEmailChange },
  },
];

for (const { page, purpose, title, button, run } of changes) {
  const asking = async (c: AuthContext, token: string, state: FormState) => {
    const addresses = await Identity.emailChangeByToken({ token, purpose });
    return <EmailChangePage frame={frameOf(c)} {...{ page, title, button, token, state }} {...addresses} />;
  };

  // A button, not a visit, decides: programs that look at mails follow their links.
  linkRoutes.get(`/${page}`, (c) => onLink(c, "email", async ({ token }) => c.html(await asking(c, token, blank))));

  linkRoutes.post(`/${page}`, requireForm, (c) =>
    onLink(
      c,
      "email",
      async ({ token }) => {
        const { email } = await run({ token });
        if (page === "email")
          return c.html(
            <DonePage frame={frameOf(c)} title="Your address is changed">
              You sign in with <Address email={email} /> from now on. You stay signed in wherever you are now.
            </DonePage>,
          );
        return c.html(
          <DonePage frame={frameOf(c)} title="The change is undone">
            Your account has the address <Address email={email} /> again, and everybody is signed out. A mail there lets
            you choose a new password.
          </DonePage>,
        );
      },
      async (error, { token }) => {
        const { state, status } = refusedForm(c, error, {});
        return c.html(await asking(c, token, state), status);
      },
    ),
  );
}

linkRoutes.get("/signed-out", async (c) => {
  await schoolBySlug(c, c.req.query("school"));
  return c.html(
    <DonePage frame={frameOf(c)} title="You are signed out">
      On this device you are no longer signed in.
    </DonePage>,
  );
});
