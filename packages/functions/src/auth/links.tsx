/** @jsxImportSource hono/jsx */
import { Identity } from "@lectern/core/identity";
import { isDomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Hono } from "hono";
import { arrive, browserMark, browserOf, doorFor, knownBrowser, returnOrigin } from "./arrive.ts";
import { type AuthContext, type AuthEnv, asVisitor, frameOf, limit, requireForm, schoolBySlug } from "./context.ts";
import { blank } from "./pages/form.tsx";
import { DonePage, EmailChangePage, InvitationPage, MessagePage, ResetPage, VerifyPage } from "./pages/links.tsx";
import { refusedForm } from "./sign-in.tsx";

// Pages behind mail links: `?school=<slug>&token=<secret>`. They read no other parameter, so a link cannot redirect to
// another site.

export const linkRoutes = new Hono<AuthEnv>();

const tokenOf = (given: string | null | undefined): string => (given ?? "").slice(0, 200);

/** Renders the page of a used or expired link. */
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

// The browser that signed up has a cookie and continues directly. A mail scanner has none, so its visit confirms
// nothing; other browsers need the password.
linkRoutes.get("/verify", async (c) => {
  const route = await schoolBySlug(c, c.req.query("school"));
  const token = tokenOf(c.req.query("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const browser = await knownBrowser(c);
      const about = await Identity.verificationByToken({ token, browser });
      c.set("home", await returnOrigin(route, about.wish));
      if (!about.isOwnBrowser)
        return c.html(<VerifyPage frame={frameOf(c)} token={token} state={blank} email={about.email} />);
      const { userId, wish } = await Identity.verifyEmail({ token, browser });
      return await arrive(c, route, userId, wish);
    } catch (error) {
      if (isOver(error)) return over(c, words.verify);
      throw error;
    }
  });
});

linkRoutes.post("/verify", requireForm, async (c) => {
  const form = c.get("form");
  const route = await schoolBySlug(c, form.get("school"));
  const token = tokenOf(form.get("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const { userId, wish } = await Identity.verifyEmail({ token, password: form.get("password") ?? "" });
      return await arrive(c, route, userId, wish);
    } catch (error) {
      if (isOver(error)) return over(c, words.verify);
      const { state, status } = refusedForm(c, error, {});
      const about = await Identity.verificationByToken({ token });
      c.set("home", await returnOrigin(route, about.wish));
      return c.html(<VerifyPage frame={frameOf(c)} token={token} state={state} email={about.email} />, status);
    }
  });
});

// The platform's host has checked a new owner's password and redirects here. Without a code, the browser returns there
// once to have its code bound to its cookie on this host, so neither a copied address nor somebody else's link signs
// anybody in.
linkRoutes.get("/opened", async (c) => {
  const route = await schoolBySlug(c, c.req.query("school"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const browser = await browserMark(c);
      const code = c.req.query("code");
      if (code === undefined)
        return c.redirect(Url.platformUrl(pathTo.signUpEnter({ school: route.slug, browser })), 303);
      const { userId } = await Identity.useCode({ code: tokenOf(code), browser });
      await Identity.trustBrowser({ userId, browser: await browserOf(c) });
      return await arrive(c, route, userId, { next: pathTo.admin() });
    } catch (error) {
      if (isOver(error)) return over(c, words.opened);
      throw error;
    }
  });
});

linkRoutes.get("/reset", async (c) => {
  const route = await schoolBySlug(c, c.req.query("school"));
  const token = tokenOf(c.req.query("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const { email, wish } = await Identity.resetByToken({ token });
      c.set("home", await returnOrigin(route, wish));
      return c.html(<ResetPage frame={frameOf(c)} token={token} state={blank} email={email} />);
    } catch (error) {
      if (isOver(error)) return over(c, words.reset);
      throw error;
    }
  });
});

linkRoutes.post("/reset", requireForm, async (c) => {
  const form = c.get("form");
  const route = await schoolBySlug(c, form.get("school"));
  const token = tokenOf(form.get("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const { userId, wish } = await Identity.resetPassword({ token, password: form.get("password") ?? "" });
      return await arrive(c, route, userId, wish);
    } catch (error) {
      if (isOver(error)) return over(c, words.reset);
      const { state, status } = refusedForm(c, error, {});
      const { email, wish } = await Identity.resetByToken({ token });
      c.set("home", await returnOrigin(route, wish));
      return c.html(<ResetPage frame={frameOf(c)} token={token} state={state} email={email} />, status);
    }
  });
});

linkRoutes.get("/invitation", async (c) => {
  const route = await schoolBySlug(c, c.req.query("school"));
  const token = tokenOf(c.req.query("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const invited = await Identity.invitationByToken({ token });
      return c.html(<InvitationPage frame={frameOf(c)} token={token} state={blank} invited={invited} />);
    } catch (error) {
      if (isOver(error)) return over(c, words.invitation);
      throw error;
    }
  });
});

linkRoutes.post("/invitation", requireForm, async (c) => {
  const form = c.get("form");
  const route = await schoolBySlug(c, form.get("school"));
  const token = tokenOf(form.get("token"));
  const [givenName, familyName] = [form.get("givenName") ?? "", form.get("familyName") ?? ""];
  const password = form.get("password") ?? "";
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const accepted = await Identity.acceptInvitation({
        token,
        familyName,
        ...(givenName.trim() && { givenName }),
        ...(password && { password }),
      });
      const wish = { ...(accepted.course && { course: accepted.course }) };
      if (accepted.isNew) return await arrive(c, route, accepted.userId, wish);
      // An invitation must not sign anybody in to an existing account, so the person enters its password.
      return c.redirect(await doorFor(route, wish, { email: accepted.email }), 303);
    } catch (error) {
      if (isOver(error)) return over(c, words.invitation);
      const { state, status } = refusedForm(c, error, { givenName, familyName });
      const invited = await Identity.invitationByToken({ token });
      return c.html(<InvitationPage frame={frameOf(c)} token={token} state={state} invited={invited} />, status);
    }
  });
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

for (const change of changes) {
  const { page } = change;
  // Mail scanners follow links, so a button decides instead of the visit.
  linkRoutes.get(`/${page}`, async (c) => {
    const route = await schoolBySlug(c, c.req.query("school"));
    const token = tokenOf(c.req.query("token"));
    return asVisitor(c, route, async () => {
      try {
        await limit(c, "link");
        const addresses = await Identity.emailChangeByToken({ token, purpose: change.purpose });
        const { title, button } = change;
        const props = { frame: frameOf(c), page, title, button, token, ...addresses };
        return c.html(<EmailChangePage {...props} state={blank} />);
      } catch (error) {
        if (isOver(error)) return over(c, words.email);
        throw error;
      }
    });
  });

  linkRoutes.post(`/${page}`, requireForm, async (c) => {
    const form = c.get("form");
    const route = await schoolBySlug(c, form.get("school"));
    const token = tokenOf(form.get("token"));
    return asVisitor(c, route, async () => {
      try {
        await limit(c, "link");
        const { email } = await change.run({ token });
        if (page === "email")
          return c.html(
            <DonePage frame={frameOf(c)} title="Your address is changed">
              You sign in with {email} from now on. Where you are signed in, you stay so.
            </DonePage>,
          );
        return c.html(
          <DonePage frame={frameOf(c)} title="The change is undone">
            Your account has the address {email} again, and everybody is signed out. A mail there lets you choose a new
            password.
          </DonePage>,
        );
      } catch (error) {
        if (isOver(error)) return over(c, words.email);
        const { state, status } = refusedForm(c, error, {});
        const addresses = await Identity.emailChangeByToken({ token, purpose: change.purpose });
        const { title, button } = change;
        const props = { frame: frameOf(c), page, title, button, token, ...addresses };
        return c.html(<EmailChangePage {...props} state={state} />, status);
      }
    });
  });
}

linkRoutes.get("/signed-out", async (c) => {
  await schoolBySlug(c, c.req.query("school"));
  return c.html(
    <DonePage frame={frameOf(c)} title="You are signed out">
      On this device you are no longer signed in.
    </DonePage>,
  );
});
