/** @jsxImportSource hono/jsx */

import type { Route } from "@lectern/core/kernel/actor";
import { DomainError, isDomainError, statusOf } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Identity, KnownDevice, Session, type Wish } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addressOf } from "../api/address.ts";
import { browserOf, knownBrowser } from "./arrive.ts";
import { type AuthContext, type AuthEnv, asVisitor, callerOf, enter, frameOf, limit, requireForm } from "./context.ts";
import { type Authorization, codeFor } from "./engine.ts";
import { deviceCookie, isOf, joinedCode, joinedCookie, openFlow, openPending, ownCookie, sealPending } from "./flow.ts";
import { clientOf } from "./guard.ts";
import { blank, type FormState } from "./pages/form.tsx";
import { SecondFactorPage, SignInPage, UnverifiedPage } from "./pages/sign-in.tsx";
import { ForgotPage, InboxPage, InvitationOnlyPage, NotYetPage, SignUpPage } from "./pages/sign-up.tsx";

// Steps of a sign-in. Each form carries its sealed authorization request (flow.ts).

export const signInRoutes = new Hono<AuthEnv>();

interface Flow {
  readonly sealed: string;
  readonly authorization: Authorization;
  readonly route: Route;
  /** Target after sign-in, for mails that this flow sends. */
  readonly wish: Wish;
}

/** Opens a form's flow; an expired one sends the person back to the school. */
async function flowOf(c: AuthContext, sealed: string | null | undefined): Promise<Flow> {
  const opened = await openFlow(sealed ?? undefined);
  if (!sealed || !opened)
    throw new DomainError(
      "gone",
      "flow.over",
      "This sign-in took too long or was opened from a bookmark. Go to your school's site and choose Sign in.",
    );
  const { wish, ...authorization } = opened;
  const route = enter(c, await clientOf(authorization.clientId));
  if (!(await isOf(route, authorization)))
    throw new DomainError("gone", "flow.over", "Please begin again at your school's site.");
  const { origin } = new URL(authorization.redirectUri);
  c.set("home", origin);
  return { sealed, authorization, route, wish: { ...wish, origin } };
}

/** Renders the refused form with its errors and the refusal's status. */
export function refusedForm(c: AuthContext, error: unknown, values: Readonly<Record<string, string>>) {
  if (!isDomainError(error)) throw error;
  const status = statusOf(error.kind);
  // 5xx refusals get the error page.
  if (status >= 500) throw error;
  if (error.retryAfter !== undefined) c.header("retry-after", String(error.retryAfter));
  return { state: { values, refusal: error } satisfies FormState, status: status as ContentfulStatusCode };
}

const text = (form: URLSearchParams, name: string): string => form.get(name) ?? "";

const canSignUp = async (): Promise<boolean> => (await Settings.signUp()).mode !== "invitation";

signInRoutes.get("/sign-in", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  const code = joinedCode(getCookie(c, joinedCookie), flow.route);
  if (code) {
    deleteCookie(c, joinedCookie, ownCookie);
    const known = await asVisitor(c, flow.route, () => Identity.useCode({ code })).catch((error: unknown) => {
      if (isDomainError(error) && error.code === "token.over") return undefined;
      throw error;
    });
    if (known) return asVisitor(c, flow.route, () => goOn(c, flow, known));
  }
  const email = c.req.query("login_hint") ?? "";
  return asVisitor(c, flow.route, async () =>
    c.html(
      <SignInPage
        frame={frameOf(c)}
        flow={flow.sealed}
        course={flow.wish.course?.title}
        state={{ values: { email: email.slice(0, 254) } }}
        canSignUp={await canSignUp()}
      />,
    ),
  );
});

signInRoutes.post("/sign-in", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const email = text(form, "email");
  return asVisitor(c, flow.route, async () => {
    try {
      await limit(c, "signIn");
      const checked = await Identity.checkPassword({
        email,
        password: text(form, "password"),
        ip: callerOf(c),
        device: getCookie(c, deviceCookie),
      });
      if (checked.nextStep === "verify_email")
        return c.html(<UnverifiedPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} />, 403);
      return await goOn(c, flow, { userId: checked.userId, nextStep: checked.nextStep });
    } catch (error) {
      if (isDomainError(error) && error.code === "user.suspended") throw error;
      const { state, status } = refusedForm(c, error, { email });
      const mayJoin = await canSignUp();
      const course = flow.wish.course?.title;
      const page = { frame: frameOf(c), flow: flow.sealed, state, course, canSignUp: mayJoin };
      return c.html(<SignInPage {...page} />, status);
    }
  });
});

signInRoutes.post("/second-factor", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const pending = text(form, "pending");
  const userId = await openPending(pending, flow.sealed);
  if (!userId) return c.redirect(pathTo.auth("sign-in", { flow: flow.sealed }), 303);
  return asVisitor(c, flow.route, async () => {
    try {
      await Identity.checkSecondFactor({ userId, code: text(form, "code") });
      return await finish(c, flow, userId);
    } catch (error) {
      const { state, status } = refusedForm(c, error, {});
      return c.html(<SecondFactorPage frame={frameOf(c)} flow={flow.sealed} state={state} pending={pending} />, status);
    }
  });
});

/** Asks for a second factor if the person has one, else finishes. */
async function goOn(c: AuthContext, flow: Flow, known: { userId: string; nextStep: "done" | "second_factor" }) {
  if (known.nextStep === "done") return finish(c, flow, known.userId);
  const pending = await sealPending(known.userId, flow.sealed);
  return c.html(<SecondFactorPage frame={frameOf(c)} flow={flow.sealed} state={blank} pending={pending} />);
}

/** Creates the session and redirects to the school's host with a code. */
async function finish(c: AuthContext, flow: Flow, userId: string) {
  const userAgent = c.req.header("user-agent") ?? "";
  const { sessionId } = await Session.begin({ userId, userAgent, ip: addressOf(c) });
  const device = await KnownDevice.remember(getCookie(c, deviceCookie), userId);
  setCookie(c, deviceCookie, device, { ...ownCookie, maxAge: KnownDevice.lifetimeSeconds });
  return c.redirect(await codeFor(flow.authorization, { userId, sessionId, schoolId: flow.route.schoolId }), 303);
}

signInRoutes.get("/sign-up", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  return asVisitor(c, flow.route, async () => {
    const policy = await Settings.signUp();
    if (policy.mode === "invitation") return c.html(<InvitationOnlyPage frame={frameOf(c)} flow={flow.sealed} />);
    if (!(await Identity.takesSignUps())) return c.html(<NotYetPage frame={frameOf(c)} flow={flow.sealed} />);
    const page = { frame: frameOf(c), flow: flow.sealed, policy, course: flow.wish.course?.title };
    return c.html(<SignUpPage {...page} state={blank} />);
  });
});

signInRoutes.post("/sign-up", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const [email, givenName, familyName] = [text(form, "email"), text(form, "givenName"), text(form, "familyName")];
  const [teach, message] = [text(form, "teach"), text(form, "message")];
  return asVisitor(c, flow.route, async () => {
    try {
      await limit(c, "signUp");
      await Identity.signUp({
        ...{ email, givenName, familyName, password: text(form, "password") },
        ...((teach === "yes" || message.trim()) && { asInstructor: { message } }),
        ...{ browser: await browserOf(c), wish: flow.wish },
      });
      return c.html(
        <InboxPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} about="sign-up" state={blank} />,
      );
    } catch (error) {
      const { state, status } = refusedForm(c, error, { email, givenName, familyName, teach, message });
      const policy = await Settings.signUp();
      if (policy.mode === "invitation")
        return c.html(<InvitationOnlyPage frame={frameOf(c)} flow={flow.sealed} />, 403);
      const page = { frame: frameOf(c), flow: flow.sealed, policy, course: flow.wish.course?.title };
      return c.html(<SignUpPage {...page} state={state} />, status);
    }
  });
});

signInRoutes.post("/resend", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const email = text(form, "email");
  const inbox = (state: FormState) => (
    <InboxPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} about="sign-up" state={state} />
  );
  return asVisitor(c, flow.route, async () => {
    try {
      await limit(c, "mail");
      await Identity.resendVerification({ email, browser: await knownBrowser(c), wish: flow.wish });
      return c.html(inbox(blank));
    } catch (error) {
      const { state, status } = refusedForm(c, error, {});
      return c.html(inbox(state), status);
    }
  });
});

signInRoutes.get("/forgot", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  const email = (c.req.query("login_hint") ?? "").slice(0, 254);
  return c.html(<ForgotPage frame={frameOf(c)} flow={flow.sealed} state={{ values: { email } }} />);
});

signInRoutes.post("/forgot", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const email = text(form, "email");
  // The sign-in form opened this page with the typed address; nothing is mailed until the person asks.
  if (form.get("step") === "ask") {
    const state = { values: { email: email.slice(0, 254) } };
    return c.html(<ForgotPage frame={frameOf(c)} flow={flow.sealed} state={state} />);
  }
  return asVisitor(c, flow.route, async () => {
    try {
      await limit(c, "mail");
      await Identity.requestReset({ email, wish: flow.wish });
      return c.html(
        <InboxPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} about="reset" state={blank} />,
      );
    } catch (error) {
      const { state, status } = refusedForm(c, error, { email });
      return c.html(<ForgotPage frame={frameOf(c)} flow={flow.sealed} state={state} />, status);
    }
  });
});

/** For bookmarked pages without a flow: the school's sign-in begins one. */
export const doorOf = (route: Route): string => Url.schoolUrl(route, "/auth/sign-in");
