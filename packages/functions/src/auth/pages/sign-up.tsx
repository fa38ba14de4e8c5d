/** @jsxImportSource hono/jsx */

import { Identity } from "@lectern/core/people/identity";
import { Legal } from "@lectern/core/people/legal";
import type { Settings } from "@lectern/core/people/settings";
import { shownEmail } from "@lectern/core/util/email";
import { Field, Form, type FormState, PasswordField, Submit, Summary } from "./form.tsx";
import { JoinTabs, ToEnroll, withFlow } from "./join.tsx";
import { Address, type Frame, Heading, legalOf, Page } from "./layout.tsx";

export const NameFields = ({ state }: { state: FormState }) => (
  <div class="pair">
    <Field state={state} name="givenName" label="Given name" autocomplete="given-name" maxlength={80} />
    <Field
      state={state}
      name="familyName"
      label="Family name"
      autocomplete="family-name"
      required={false}
      maxlength={80}
    />
  </div>
);

export const NewPasswordField = ({ state, label = "Password" }: { state: FormState; label?: string }) => (
  <PasswordField
    state={state}
    name="password"
    label={label}
    autocomplete="new-password"
    help={Identity.passwordRules}
  />
);

/** Links to the terms and privacy policy, where they exist. */
export function LegalNote({ frame }: { frame: Frame }) {
  const links = legalOf(frame).filter(({ page }) => page === "privacy" || page === "terms");
  if (links.length === 0) return null;
  return (
    <p class="help">
      Before you join, read:{" "}
      {links.map(({ page, href }, index) => (
        <>
          {index > 0 && ", "}
          <a class="link" href={href} target="_blank" rel="noreferrer">
            {Legal.labels[page]}
          </a>
        </>
      ))}
      .
    </p>
  );
}

interface Props {
  readonly frame: Frame;
  readonly flow: string;
  readonly state: FormState;
  readonly policy: Awaited<ReturnType<typeof Settings.signUp>>;
  /** The course they want to enroll in. */
  readonly course: string | undefined;
}

export function SignUpPage({ frame, flow, state, policy, course }: Props) {
  const name = frame.school?.name ?? "";
  const domains = policy.domains.map((domain) => `@${shownEmail(domain)}`).join(", ");
  return (
    <Page frame={frame} title="Create an account">
      <JoinTabs flow={flow} at="sign-up" />
      <Heading title="Create your account">
        {policy.mode === "domain"
          ? `${name} is open to people with an address that ends with ${domains}. `
          : `It belongs to ${name} only. `}
        {course && <ToEnroll course={course} />}
      </Heading>
      <Summary state={state} />
      <Form frame={frame} action="/sign-up" hidden={{ flow }}>
        <NameFields state={state} />
        <Field state={state} name="email" label="E-mail address" type="email" autocomplete="email" maxlength={254} />
        <NewPasswordField state={state} />
        {policy.instructorRequests && (
          <details open={Boolean(state.values.message || state.values.teach)}>
            <summary>I would like to teach here</summary>
            <div>
              <div class="field">
                <label for="message">
                  What would you teach? <span class="note">(optional)</span>
                </label>
                <p class="help" id="message-help">
                  The school reads this and decides. You can learn here meanwhile.
                </p>
                <textarea class="box" id="message" name="message" maxlength={2000} aria-describedby="message-help">
                  {state.values.message ?? ""}
                </textarea>
              </div>
              <div class="check">
                <input id="teach" name="teach" type="checkbox" value="yes" checked={state.values.teach === "yes"} />
                <label for="teach">Apply as an instructor</label>
              </div>
            </div>
          </details>
        )}
        <LegalNote frame={frame} />
        <Submit>Create account</Submit>
      </Form>
    </Page>
  );
}

/** Shown instead of the form until an owner has confirmed an address. */
export const NotYetPage = ({ frame, flow }: { frame: Frame; flow: string }) => (
  <Page frame={frame} title="Not open yet">
    <Heading title={`${frame.school?.name ?? "This school"} takes no sign-ups yet`}>
      It was opened a short while ago, and its owner has not confirmed an e-mail address. Please try again later.
    </Heading>
    <p class="links">
      <span>
        You have an account already? <a href={withFlow("/sign-in", flow)}>Sign in</a>
      </span>
    </p>
  </Page>
);

export const InvitationOnlyPage = ({ frame, flow }: { frame: Frame; flow: string }) => (
  <Page frame={frame} title="By invitation">
    <Heading title={`${frame.school?.name ?? "This school"} invites its members`}>
      If you expect an invitation, look for the mail, or ask the school to send it again.
    </Heading>
    <p class="links">
      <span>
        You have an account already? <a href={withFlow("/sign-in", flow)}>Sign in</a>
      </span>
    </p>
  </Page>
);

interface InboxProps {
  readonly frame: Frame;
  readonly flow: string;
  readonly email: string;
  readonly about: "sign-up" | "reset";
  readonly state: FormState;
}

/** Shows the same text whether or not a mail was sent, so it does not reveal who has an account. */
export const InboxPage = ({ frame, flow, email, about, state }: InboxProps) => (
  <Page frame={frame} title="Check your inbox">
    <Heading title="Check your inbox">
      {about === "sign-up" ? (
        <>
          We have written to <Address email={email} />. Follow the link in the mail within 24 hours, and you go straight
          on. In another browser or on another device you are asked for your password.
        </>
      ) : (
        <>
          If <Address email={email} /> has an account here, a mail with a link is on its way. The link works for one
          hour.
        </>
      )}
    </Heading>
    <Summary state={state} />
    <Form frame={frame} action={about === "sign-up" ? "/resend" : "/forgot"} hidden={{ flow, email }}>
      <p class="help">Nothing there after a few minutes? Look into the folder for unwanted mail, then ask once more.</p>
      <Submit quiet>Send the mail again</Submit>
    </Form>
    <p class="links">
      <a href={withFlow("/sign-in", flow)}>Back to sign in</a>
    </p>
  </Page>
);

export const ForgotPage = ({ frame, flow, state }: Pick<Props, "frame" | "flow" | "state">) => (
  <Page frame={frame} title="Forgot your password">
    <Heading title="Choose a new password">
      Enter the address of your account. We send a link with which you choose a new password.
    </Heading>
    <Summary state={state} />
    <Form frame={frame} action="/forgot" hidden={{ flow }}>
      <Field
        state={state}
        name="email"
        label="E-mail address"
        type="email"
        autocomplete="username"
        maxlength={254}
        isFirst
      />
      <Submit>Send the link</Submit>
    </Form>
    <p class="links">
      <a href={withFlow("/sign-in", flow)}>Back to sign in</a>
    </p>
  </Page>
);
