import { withActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { isDomainError } from "@lectern/core/kernel/error";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { emailField } from "@lectern/core/util/email";
import { School } from "@lectern/tenants/school";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { Resource } from "sst";
import * as z from "zod";
import { stateOf as formStateOf } from "../components/ui/index.ts";
import { platform } from "../messages/en/platform.ts";
import { checkAddress, checkName } from "../platform/address.server.ts";
import { openedCookie } from "../platform/opened.server.ts";
import { SignUpForm } from "../platform/sign-up-form.tsx";
import { onPlatform } from "../server/actor.server.ts";
import { kept, parseForm, refused, refusedState } from "../server/form.server.ts";
import { hostFor } from "../server/host.server.ts";
import { type Limit, requireLimit } from "../server/limit.server.ts";
import { redirect } from "../server/redirect.server.ts";
import { attempt, refusalOf, refusing } from "../server/refusal.server.ts";
import { ipOf, stateOf } from "../server/request.server.ts";

export const meta: MetaFunction = () => [{ title: "Open a school · Lectern" }];

/** Provisioning is expensive: a visitor may retry after mistakes, but not open hundreds of schools. */
const openings: Limit = { bucket: "web.school_sign_up", max: 20, perSeconds: 3600 };

const SchoolForm = z.object({
  name: z.string().trim().min(1, platform("enterName")),
  slug: z.string().trim().toLowerCase().min(1, platform("enterAddress")),
  givenName: z.string().trim().min(1, platform("enterGivenName")),
  familyName: z.string().trim().default(""),
  email: z
    .string()
    .trim()
    .min(1, platform("noEmail"))
    .pipe(emailField(platform("enterEmail"))),
  password: z.string().min(1, platform("enterPassword")),
  zone: z.string().optional(),
});

/** On a school's host, redirects to the sign-in host's registration page. */
export const loader = async (args: LoaderFunctionArgs) => {
  const host = await refusing(args, () => hostFor(args));
  if (host.kind === "school") throw redirect("/auth/sign-in?screen=sign-up");
  return onPlatform(args, async () => {
    const name = new URL(args.request.url).searchParams.get("name")?.trim().slice(0, 80) ?? "";
    return { name, proposal: name ? await checkName(name) : null, domain: Resource.Platform.domain };
  });
};

export const action = (args: ActionFunctionArgs) =>
  onPlatform(args, async () => {
    await requireLimit(args.request, openings);
    const form = await args.request.formData();
    const parsed = parseForm(SchoolForm, form);
    const wrong = await wrongOf(form);
    if (!parsed.ok || Object.keys(wrong.fieldErrors).length > 0) {
      const state = parsed.ok ? kept(form) : parsed.state;
      return refused({ ...state, fieldErrors: { ...state.fieldErrors, ...wrong.fieldErrors }, address: wrong.address });
    }
    const { name, slug, email, givenName, familyName, password, zone } = parsed.value;
    const isZone = zone && Settings.Info.shape.zone.safeParse(zone).success;
    const refusal = await refusalOf(
      School.open({ name, slug, owner: { email, givenName, familyName, password }, ...(isZone && { zone }) }),
    );
    if (refusal) return refused(refusedState(form, refusal, ownerFields), refusal.status);
    const { to, cookie } = await doorOf(args, slug, { email, password });
    return redirect(to, cookie ? { headers: { "set-cookie": cookie } } : {});
  });

/**
 * Returns errors that the schema cannot find (weak password, undeliverable address), so that all errors show together.
 */
async function wrongOf(form: FormData) {
  const text = (field: string) => String(form.get(field) ?? "").trim();
  const [slug, password] = [text("slug"), String(form.get("password") ?? "")];
  const about = ["email", "givenName", "familyName", "name", "slug"].map(text);
  const weak = password ? Identity.passwordRefusal(password, about) : undefined;
  const address = slug ? await checkAddress(slug) : null;
  return {
    address,
    fieldErrors: {
      ...(address?.reason && { slug: address.reason }),
      ...(weak && { password: weak.message }),
    },
  };
}

/**
 * Returns where the new owner goes: with a one-time code in this browser's cookie they need not type the password
 * again. It verifies the password again, because a repeated request finds an existing school.
 */
async function doorOf(args: ActionFunctionArgs, slug: string, owner: { email: string; password: string }) {
  const byPassword = {
    to: Url.schoolUrl({ slug }, pathTo.signIn({ next: pathTo.admin(), email: owner.email })),
    cookie: undefined,
  };
  const school = await Directory.byHost(`${slug}.${Directory.platformHost()}`);
  if (!school) return byPassword;
  return withActor({ type: "public", school, requestId: stateOf(args).requestId }, async () => {
    const checked = await attempt(Identity.checkPassword({ ...owner, ip: ipOf(args.request) }));
    if (!checked.ok || checked.value.nextStep !== "done") return byPassword;
    const { code } = await Identity.issueCode({ userId: checked.value.userId });
    return { to: Url.authUrl(pathTo.auth("opened", { school: slug })), cookie: openedCookie(school, code) };
  }).catch((error: unknown) => {
    // After a wrong password or a rate limit, the school's own sign-in explains what to do.
    if (isDomainError(error)) return byPassword;
    throw error;
  });
}

const ownerFields = Object.fromEntries(
  ["email", "givenName", "familyName", "password"].map((name) => [`owner.${name}`, name]),
);

export default function SignUp() {
  const { name, proposal, domain } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = formStateOf(answer);
  const address = answer && "address" in answer ? answer.address : null;
  return <SignUpForm name={name} check={state ? address : proposal} domain={domain} state={state} />;
}
