/** @jsxImportSource hono/jsx */
import { Identity, Session } from "@lectern/core/identity";
import type { Route } from "@lectern/core/kernel/actor";
import { DomainError, isDomainError, statusOf } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Settings } from "@lectern/core/settings";
import { Hono } from "hono";
import { deleteCookie, getCookie } from "hono/cookie";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addressOf } from "../api/address.ts";
import { type AuthContext, type AuthEnv, asVisitor, callerOf, enter, frameOf, limit, requireForm } from "./context.ts";
import { type Authorization, codeFor } from "./engine.ts";
import { isOf, joinedCookie, openFlow, openJoined, openPending, ownCookie, sealPending } from "./flow.ts";
import { clientOf } from "./guard.ts";
import { blank, type FormState } from "./pages/form.tsx";
import { SecondFactorPage, SignInPage, UnverifiedPage } from "./pages/sign-in.tsx";
import { ForgotPage, InboxPage, InvitationOnlyPage, SignUpPage } from "./pages/sign-up.tsx";

// The steps of a sign-in. Each form carries the sealed authorization request it belongs to (flow.ts).

export const signInRoutes = new Hono<AuthEnv>();

interface Flow {
  readonly sealed: string;
  readonly authorization: Authorization;
  readonly route: Route;
}

/** The flow a page or form belongs to. One that took too long has to begin again at the school. */
async function flowOf(c: AuthContext, sealed: string | null | undefined): Promise<Flow> {
  const authorization = await openFlow(sealed ?? undefined);
  if (!sealed || !authorization)
    throw new DomainError(
      "gone",
      "flow.over",
      "This sign-in took too long or was opened from a bookmark. Go to your school's site and choose Sign in.",
    );
  const route = enter(c, await clientOf(authorization.clientId));
  if (!(await isOf(route, authorization)))
    throw new DomainError("gone", "flow.over", "Please begin again at your school's site.");
  c.set("home", new URL(authorization.redirectUri).origin);
  return { sealed, authorization, route };
}

/** The answer to a form that was refused: the same page with the reason, and the status the refusal stands for. */
export function refusedForm(c: AuthContext, error: unknown, values: Readonly<Record<string, string>>) {
  if (!isDomainError(error)) throw error;
  const status = statusOf(error.kind);
  // 503 and the like are no answer to a form: the error page says them.
  if (status >= 500) throw error;
  if (error.retryAfter !== undefined) c.header("retry-after", String(error.retryAfter));
  return { state: { values, refusal: error } satisfies FormState, status: status as ContentfulStatusCode };
}

const text = (form: URLSearchParams, name: string): string => form.get(name) ?? "";

const canSignUp = async (): Promise<boolean> => (await Settings.signUp()).mode !== "invitation";

signInRoutes.get("/sign-in", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  const joined = await openJoined(getCookie(c, joinedCookie), flow.route);
  if (joined) {
    deleteCookie(c, joinedCookie, ownCookie);
    return asVisitor(c, flow.route, () => finish(c, flow, joined));
  }
  const email = c.req.query("login_hint") ?? "";
  return asVisitor(c, flow.route, async () =>
    c.html(
      <SignInPage
        frame={frameOf(c)}
        flow={flow.sealed}
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
      const checked = await Identity.checkPassword({ email, password: text(form, "password"), ip: callerOf(c) });
      if (checked.nextStep === "verify_email")
        return c.html(<UnverifiedPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} />, 403);
      if (checked.nextStep === "second_factor") {
        const pending = await sealPending(checked.userId, flow.sealed);
        return c.html(<SecondFactorPage frame={frameOf(c)} flow={flow.sealed} state={blank} pending={pending} />);
      }
      return await finish(c, flow, checked.userId);
    } catch (error) {
      if (isDomainError(error) && error.code === "user.suspended") throw error;
      const { state, status } = refusedForm(c, error, { email });
      const mayJoin = await canSignUp();
      return c.html(<SignInPage frame={frameOf(c)} flow={flow.sealed} state={state} canSignUp={mayJoin} />, status);
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

/** Every step is passed: a session begins, and a code for it goes to the school's host. */
async function finish(c: AuthContext, flow: Flow, userId: string) {
  const userAgent = c.req.header("user-agent") ?? "";
  const { sessionId } = await Session.begin({ userId, userAgent, ip: addressOf(c) });
  return c.redirect(await codeFor(flow.authorization, { userId, sessionId, schoolId: flow.route.schoolId }), 303);
}

signInRoutes.get("/sign-up", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  return asVisitor(c, flow.route, async () => {
    const policy = await Settings.signUp();
    if (policy.mode === "invitation") return c.html(<InvitationOnlyPage frame={frameOf(c)} flow={flow.sealed} />);
    return c.html(<SignUpPage frame={frameOf(c)} flow={flow.sealed} state={blank} policy={policy} />);
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
      });
      return c.html(
        <InboxPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} about="sign-up" state={blank} />,
      );
    } catch (error) {
      const { state, status } = refusedForm(c, error, { email, givenName, familyName, teach, message });
      const policy = await Settings.signUp();
      if (policy.mode === "invitation")
        return c.html(<InvitationOnlyPage frame={frameOf(c)} flow={flow.sealed} />, 403);
      return c.html(<SignUpPage frame={frameOf(c)} flow={flow.sealed} state={state} policy={policy} />, status);
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
      await Identity.resendVerification({ email });
      return c.html(inbox(blank));
    } catch (error) {
      const { state, status } = refusedForm(c, error, {});
      return c.html(inbox(state), status);
    }
  });
});

signInRoutes.get("/forgot", async (c) => {
  const flow = await flowOf(c, c.req.query("flow"));
  return c.html(<ForgotPage frame={frameOf(c)} flow={flow.sealed} state={blank} />);
});

signInRoutes.post("/forgot", requireForm, async (c) => {
  const form = c.get("form");
  const flow = await flowOf(c, form.get("flow"));
  const email = text(form, "email");
  return asVisitor(c, flow.route, async () => {
    try {
      await limit(c, "mail");
      await Identity.requestReset({ email });
      return c.html(
        <InboxPage frame={frameOf(c)} flow={flow.sealed} email={email.trim()} about="reset" state={blank} />,
      );
    } catch (error) {
      const { state, status } = refusedForm(c, error, { email });
      return c.html(<ForgotPage frame={frameOf(c)} flow={flow.sealed} state={state} />, status);
    }
  });
});

/** A bookmark of one of these pages: the school's own door begins a flow. */
export const doorOf = (route: Route): string => Url.schoolUrl(route, "/auth/sign-in");
