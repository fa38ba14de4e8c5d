/** @jsxImportSource hono/jsx */
import { Field, Form, type FormState, PasswordField, Submit, Summary } from "./form.tsx";
import { JoinTabs, ToEnroll, withFlow } from "./join.tsx";
import { type Frame, Heading, Page } from "./layout.tsx";

interface Step {
  readonly frame: Frame;
  readonly flow: string;
  readonly state: FormState;
}

interface SignIn extends Step {
  readonly canSignUp: boolean;
  /** The course they want to enroll in. */
  readonly course: string | undefined;
}

export function SignInPage({ frame, flow, state, canSignUp, course }: SignIn) {
  const name = frame.school?.name ?? "";
  return (
    <Page frame={frame} title="Sign in">
      {canSignUp && <JoinTabs flow={flow} at="sign-in" />}
      <Heading title={`Sign in to ${name}`}>{course && <ToEnroll course={course} />}</Heading>
      <Summary state={state} />
      <Form frame={frame} action="/sign-in" hidden={{ flow }}>
        <Field
          state={state}
          name="email"
          label="E-mail address"
          type="email"
          autocomplete="username"
          maxlength={254}
          isFirst={!state.values.email}
        />
        <PasswordField
          state={state}
          name="password"
          label="Password"
          autocomplete="current-password"
          isFirst={Boolean(state.values.email)}
        />
        <Submit>Sign in</Submit>
        <p>
          <button type="submit" class="link" formaction="/forgot" formnovalidate name="step" value="ask">
            Forgot your password?
          </button>
        </p>
      </Form>
      {!canSignUp && (
        <div class="links">
          <p>New members join {name} by invitation.</p>
        </div>
      )}
    </Page>
  );
}

export const SecondFactorPage = ({ frame, flow, state, pending }: Step & { pending: string }) => (
  <Page frame={frame} title="Second step">
    <Heading title="Enter your code">Your password was right. The code shows that it is you.</Heading>
    <Summary state={state} />
    <Form frame={frame} action="/second-factor" hidden={{ flow, pending }}>
      <Field
        state={{ ...state, values: {} }}
        name="code"
        label="Code"
        autocomplete="one-time-code"
        maxlength={64}
        isFirst
      />
      <Submit>Sign in</Submit>
    </Form>
    <p class="links">
      <a href={withFlow("/sign-in", flow)}>Start again</a>
    </p>
  </Page>
);

/** Shown after a correct password with an unverified address. */
export const UnverifiedPage = ({ frame, flow, email }: { frame: Frame; flow: string; email: string }) => (
  <Page frame={frame} title="Confirm your address">
    <Heading title="Confirm your address first">
      Your password is right. Open the mail we sent to <strong>{email}</strong> and follow its link, then sign in.
    </Heading>
    <Form frame={frame} action="/resend" hidden={{ flow, email }}>
      <Submit>Send the mail again</Submit>
    </Form>
  </Page>
);
