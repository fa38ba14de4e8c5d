import { pathTo } from "@lectern/core/kernel/path";
import { Identity } from "@lectern/core/people/identity";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import * as z from "zod";
import { useFrame } from "../components/frame/frame-data.ts";
import {
  ButtonLink,
  buttonClass,
  Form,
  fieldProps,
  Notice,
  SubmitButton,
  stateOf,
  TextArea,
} from "../components/ui/index.ts";
import { school } from "../messages/en/school.ts";
import { asActor, requireUser } from "../server/actor.server.ts";
import { redirectWith } from "../server/flash.server.ts";
import { parseForm, refused, refusedState } from "../server/form.server.ts";
import { limits } from "../server/limit.server.ts";
import { refusalOf } from "../server/refusal.server.ts";
import { inWords } from "../util/time.ts";
import { pageTitle } from "../util/title.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) => [
  pageTitle(school("teachTitle", { school: data?.name ?? "" }), matches),
];

const Application = z.object({
  message: z.string().trim().min(1, "Please write a few sentences.").max(2000, "Please use at most 2,000 characters."),
});

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async (actor) => {
    const { name } = actor.school;
    const isOpen = actor.school.instructorRequests;
    if (actor.type !== "user") return { name, state: isOpen ? ("visitor" as const) : ("closed" as const), at: null };
    if (actor.permissions.has("course.create")) return { name, state: "teaches" as const, at: null };
    const request = await Identity.myRoleRequest();
    if (!isOpen && request?.status !== "pending") return { name, state: "closed" as const, at: null };
    return { name, state: request?.status ?? ("none" as const), at: request?.createdAt ?? null };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(
    args,
    async (actor) => {
      requireUser(actor);
      const form = await args.request.formData();
      const parsed = parseForm(Application, form);
      if (!parsed.ok) return refused(parsed.state);
      const refusal = await refusalOf(Identity.applyAsInstructor(parsed.value));
      if (refusal) return refused(refusedState(form, refusal), refusal.status);
      return redirectWith("/teach", school("teachSent"));
    },
    { limit: limits.careful },
  );

export default function Teach() {
  const { name, state, at } = useLoaderData<typeof loader>();
  const answer = stateOf(useActionData<typeof action>());
  const { now, locale, zone } = useFrame();
  return (
    <div className="mx-auto grid max-w-xl gap-8">
      <header className="grid gap-3">
        <h1 className="font-read text-3xl font-medium md:text-4xl" dir="auto">
          {school("teachTitle", { school: name })}
        </h1>
        {state !== "closed" && <p className="text-md text-soft">{school("teachLead")}</p>}
      </header>
      {state === "visitor" && (
        <div className="grid justify-items-start gap-4">
          <p>{school("teachVisitor")}</p>
          <a href={pathTo.signIn({ next: pathTo.teach() })} className={buttonClass()}>
            {school("teachSignIn")}
          </a>
        </div>
      )}
      {state === "closed" && (
        <Notice tone="neutral" title={school("teachClosed")}>
          <p>{school("teachClosedBody")}</p>
        </Notice>
      )}
      {state === "teaches" && (
        <Notice tone="success" title={school("teachAlready")}>
          <p>{school("teachAlreadyBody")}</p>
          <ButtonLink to="/studio" size="small" className="mt-3">
            {school("toStudio")}
          </ButtonLink>
        </Notice>
      )}
      {state === "pending" && at && (
        <Notice title={school("teachPending")}>
          <p suppressHydrationWarning>{school("teachPendingBody", { when: inWords(at, now, locale, zone) })}</p>
        </Notice>
      )}
      {(state === "none" || state === "declined" || state === "approved") && (
        <Form state={answer}>
          {state === "declined" && <Notice tone="neutral">{school("teachDeclined")}</Notice>}
          <TextArea
            label={school("teachMessage")}
            help={school("teachHelp")}
            name="message"
            rows={6}
            maxLength={2000}
            required
            {...fieldProps(answer, "message")}
          />
          <div>
            <SubmitButton>{school("teachSubmit")}</SubmitButton>
          </div>
        </Form>
      )}
    </div>
  );
}
