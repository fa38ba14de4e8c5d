import { Identity } from "@lectern/core/people/identity";
import { emailField, shownEmail } from "@lectern/core/util/email";
import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Link, useActionData } from "@remix-run/react";
import * as z from "zod";
import { buttonClass, Field, Form, fieldProps, SubmitButton, stateOf } from "../components/ui/index.ts";
import { platform } from "../messages/en/platform.ts";
import { onPlatform } from "../server/actor.server.ts";
import { parseForm, refused, refusedState } from "../server/form.server.ts";
import { limits } from "../server/limit.server.ts";
import { refusalOf } from "../server/refusal.server.ts";
import { stateOf as requestStateOf } from "../server/request.server.ts";

export const meta: MetaFunction = () => [{ title: "Find my school · Lectern" }];

const FinderForm = z.object({
  email: z
    .string()
    .trim()
    .min(1, platform("noEmail"))
    .pipe(emailField(platform("enterEmail"))),
});

export const loader = (args: LoaderFunctionArgs) => onPlatform(args, async () => null);

/** Mails the person's schools. The answer is the same for every address, so it does not reveal who has an account. */
export const action = (args: ActionFunctionArgs) =>
  onPlatform(
    args,
    async () => {
      const form = await args.request.formData();
      const parsed = parseForm(FinderForm, form);
      if (!parsed.ok) return refused(parsed.state);
      const { requestId } = requestStateOf(args);
      const refusal = await refusalOf(Identity.findSchools({ email: parsed.value.email, requestId }));
      if (refusal) return refused(refusedState(form, refusal), refusal.status);
      return data({ sentTo: shownEmail(parsed.value.email) });
    },
    { limit: limits.careful },
  );

export default function FindMySchool() {
  const answer = useActionData<typeof action>();
  const state = stateOf(answer);
  const sentTo = answer && "sentTo" in answer ? answer.sentTo : undefined;
  return (
    <div className="mx-auto grid max-w-md gap-8 py-10 md:py-16">
      {sentTo ? (
        <div role="status" className="grid justify-items-start gap-4">
          <h1 className="font-read text-3xl font-medium">{platform("findSentTitle")}</h1>
          <p className="text-md text-soft">{platform("findSentBody", { email: sentTo })}</p>
          <Link to="/find-my-school" className={buttonClass("secondary")}>
            {platform("findAgain")}
          </Link>
        </div>
      ) : (
        <>
          <header className="grid gap-3">
            <h1 className="font-read text-3xl font-medium">{platform("findTitle")}</h1>
            <p className="text-md text-soft">{platform("findLead")}</p>
          </header>
          <Form state={state}>
            <Field
              label={platform("email")}
              name="email"
              type="email"
              autoComplete="email"
              required
              {...fieldProps(state, "email")}
            />
            <div>
              <SubmitButton>{platform("findSubmit")}</SubmitButton>
            </div>
          </Form>
        </>
      )}
    </div>
  );
}
