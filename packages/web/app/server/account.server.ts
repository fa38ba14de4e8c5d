import type { UserActor } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { Identity, Session } from "@lectern/core/people/identity";
import * as z from "zod";
import { account } from "../messages/en/account.ts";
import { redirectWith } from "./flash.server.ts";
import { parseForm, refused, refusedState } from "./form.server.ts";
import { forgetPerson } from "./frame.server.ts";
import { limits, requireLimit } from "./limit.server.ts";
import { redirect } from "./redirect.server.ts";
import { refusalOf } from "./refusal.server.ts";
import type { RequestArgs } from "./request.server.ts";

const ProfileForm = z.object({
  givenName: z.string().trim().min(1, "Please enter your given name."),
  familyName: z.string().trim().default(""),
  department: z.string().trim().default(""),
  locale: z.string(),
  zone: z.string().transform((zone) => zone || null),
});

const PasswordForm = z.object({
  current: z.string().min(1, "Please enter your current password."),
  next: z.string().min(1, "Please choose a new password."),
});

export type AccountIntent = "profile" | "password" | "session" | "everywhere" | "email" | "email-cancel" | "verify";

async function profile(_: RequestArgs, actor: UserActor, form: FormData) {
  const parsed = parseForm(ProfileForm, form);
  if (!parsed.ok) return refused(parsed.state);
  const refusal = await refusalOf(Identity.updateMe(parsed.value));
  if (refusal) return refused(refusedState(form, refusal), refusal.status);
  forgetPerson(actor);
  return redirectWith("/account", account("profileSaved"));
}

async function password({ request }: RequestArgs, actor: UserActor, form: FormData) {
  await requireLimit(request, limits.careful, actor.userId);
  const parsed = parseForm(PasswordForm, form);
  if (!parsed.ok) return refused(parsed.state);
  const refusal = await refusalOf(Identity.changePassword(parsed.value));
  if (refusal) return refused(refusedState(form, refusal), refusal.status);
  return redirectWith("/account", account("passwordChanged"));
}

async function session(_: RequestArgs, __: UserActor, form: FormData) {
  const refusal = await refusalOf(Session.revoke({ sessionId: String(form.get("sessionId")) }));
  return refusal
    ? redirectWith("/account", refusal.message, "warning")
    : redirectWith("/account", account("sessionEnded"));
}

async function everywhere(_: RequestArgs, __: UserActor, ___: FormData) {
  await Session.revokeAll({});
  return redirect("/");
}

/** The banner of studio and admin also posts here, so it returns to their page. */
async function verify(_: RequestArgs, actor: UserActor, form: FormData) {
  const back = form.get("from") === "studio" ? "/studio" : "/admin";
  const refusal = await refusalOf(Identity.resendMyVerification());
  forgetPerson(actor);
  return refusal ? redirectWith(back, refusal.message, "warning") : redirectWith(back, account("verificationSent"));
}

const EmailForm = z.object({
  email: z.string().trim().min(1, "Please enter the new address."),
  password: z.string().min(1, "Please enter your password."),
});

async function email({ request }: RequestArgs, actor: UserActor, form: FormData) {
  await requireLimit(request, limits.careful, actor.userId);
  const parsed = parseForm(EmailForm, form);
  if (!parsed.ok) return refused(parsed.state);
  const refusal = await refusalOf(Identity.changeEmail(parsed.value));
  if (refusal) return refused(refusedState(form, refusal), refusal.status);
  return redirectWith("/account", account("emailAsked", { email: parsed.value.email }));
}

async function emailCancel(_: RequestArgs, __: UserActor, ___: FormData) {
  await Identity.cancelEmailChange();
  return redirectWith("/account", account("emailCancelled"));
}

const unknown = (_: RequestArgs, __: UserActor, ___: FormData): Promise<never> =>
  Promise.reject(new DomainError("invalid", "form.unknown", "That form is not known here."));

/** The account page's actions by `intent`. */
export const accountActs = {
  profile,
  password,
  session,
  everywhere,
  email,
  "email-cancel": emailCancel,
  verify,
  unknown,
};
