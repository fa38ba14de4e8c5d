import { Field, Form, type FormState, fieldProps, PageHeader, SubmitButton, stateOf } from "../components/ui/index.ts";
import { operator } from "../messages/en/operator.ts";

/** Asks for the operators' token. */
export function OperatorSignIn({ answer }: { answer: FormState | undefined }) {
  const state = stateOf(answer);
  return (
    <div className="mx-auto grid max-w-md gap-8 py-10 md:py-16">
      <header className="grid gap-3">
        <h1 className="font-read text-3xl font-medium">{operator("signInTitle")}</h1>
        <p className="text-md text-soft">{operator("signInLead")}</p>
      </header>
      <Form state={state}>
        <Field
          label={operator("token")}
          help={operator("tokenHelp")}
          name="token"
          type="password"
          autoComplete="current-password"
          required
          {...fieldProps(state, "token")}
        />
        <div>
          <SubmitButton name="intent" value="sign-in">
            {operator("signIn")}
          </SubmitButton>
        </div>
      </Form>
    </div>
  );
}

/** Renders the heading of the operators' pages with the sign-out button. */
export function OperatorHead() {
  return (
    <PageHeader
      title={operator("title")}
      lead={operator("lead")}
      action={
        <Form>
          <SubmitButton name="intent" value="sign-out" variant="secondary">
            {operator("signOut")}
          </SubmitButton>
        </Form>
      }
    />
  );
}
