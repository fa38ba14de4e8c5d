/** @jsxImportSource hono/jsx */
import { Identity } from "@lectern/core/identity";
import { isDomainError } from "@lectern/core/kernel/error";
import { Url } from "@lectern/core/kernel/url";
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { type AuthContext, type AuthEnv, asVisitor, frameOf, limit, requireForm, schoolBySlug } from "./context.ts";
import { joinedCookie, joinedSeconds, ownCookie, sealJoined } from "./flow.ts";
import { blank } from "./pages/form.tsx";
import { DonePage, InvitationPage, MessagePage, ResetPage, VerifyPage } from "./pages/links.tsx";
import { refusedForm } from "./sign-in.tsx";

// The pages behind the links of mails: `?school=<slug>&token=<secret>`. They take nothing else of an address: there is no
// parameter that could send a person on to another site.

export const linkRoutes = new Hono<AuthEnv>();

const tokenOf = (given: string | null | undefined): string => (given ?? "").slice(0, 200);

/** The page of a link that was used or is too old. */
function over(c: AuthContext, text: string) {
  const school = c.get("school");
  const action = school && { href: Url.schoolUrl(school, "/auth/sign-in"), label: "Go to sign in" };
  return c.html(<MessagePage frame={frameOf(c)} title="This link is over" text={text} action={action} />, 410);
}

const isOver = (error: unknown): boolean => isDomainError(error) && error.code === "token.over";

const words = {
  verify:
    "It was used already or is older than 24 hours. If your address is not confirmed yet, sign in with your password: you can have the mail sent again there.",
  reset:
    "It was used already or is older than one hour. On the sign-in page, choose Forgot your password to get a new one.",
  invitation: "It was used already, was withdrawn, or is older than seven days. Ask the school to invite you again.",
} as const;

linkRoutes.get("/verify", async (c) => {
  await schoolBySlug(c, c.req.query("school"));
  return c.html(<VerifyPage frame={frameOf(c)} token={tokenOf(c.req.query("token"))} state={blank} />);
});

linkRoutes.post("/verify", requireForm, async (c) => {
  const form = c.get("form");
  const route = await schoolBySlug(c, form.get("school"));
  const token = tokenOf(form.get("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      await Identity.verifyEmail({ token });
      return c.html(
        <DonePage frame={frameOf(c)} title="Your address is confirmed">
          Sign in with the password you chose.
        </DonePage>,
      );
    } catch (error) {
      if (isOver(error)) return over(c, words.verify);
      const { state, status } = refusedForm(c, error, {});
      return c.html(<VerifyPage frame={frameOf(c)} token={token} state={state} />, status);
    }
  });
});

linkRoutes.get("/reset", async (c) => {
  const route = await schoolBySlug(c, c.req.query("school"));
  const token = tokenOf(c.req.query("token"));
  return asVisitor(c, route, async () => {
    try {
      await limit(c, "link");
      const { email } = await Identity.resetByToken({ token });
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
      await Identity.resetPassword({ token, password: form.get("password") ?? "" });
      return c.html(
        <DonePage frame={frameOf(c)} title="Your new password is saved">
          You are signed out everywhere. Sign in with the new password.
        </DonePage>,
      );
    } catch (error) {
      if (isOver(error)) return over(c, words.reset);
      const { state, status } = refusedForm(c, error, {});
      const { email } = await Identity.resetByToken({ token });
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
      const { hasAccount } = await Identity.invitationByToken({ token });
      const { userId } = await Identity.acceptInvitation({
        token,
        familyName,
        ...(givenName.trim() && { givenName }),
        ...(password && { password }),
      });
      if (!hasAccount) {
        // The password was typed a moment ago: the school's sign-in begins, and passes here without asking for it.
        const value = await sealJoined({ userId, schoolId: route.schoolId });
        setCookie(c, joinedCookie, value, { ...ownCookie, maxAge: joinedSeconds });
        return c.redirect(Url.schoolUrl(route, "/auth/sign-in"), 303);
      }
      return c.html(
        <DonePage frame={frameOf(c)} title={`Welcome to ${route.name}`}>
          You have joined. Sign in with your address and password.
        </DonePage>,
      );
    } catch (error) {
      if (isOver(error)) return over(c, words.invitation);
      const { state, status } = refusedForm(c, error, { givenName, familyName });
      const invited = await Identity.invitationByToken({ token });
      return c.html(<InvitationPage frame={frameOf(c)} token={token} state={state} invited={invited} />, status);
    }
  });
});

linkRoutes.get("/signed-out", async (c) => {
  await schoolBySlug(c, c.req.query("school"));
  return c.html(
    <DonePage frame={frameOf(c)} title="You are signed out">
      On this device your session is over.
    </DonePage>,
  );
});
