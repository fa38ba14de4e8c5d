import { Form as RemixForm, useNavigation } from "@remix-run/react";
import { type ComponentProps, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "./icon.tsx";
import { UnsavedGuard } from "./unsaved.tsx";

/**
 * What an action answers when it refuses (see `app/server/form.server.ts`): what was typed, so that nothing is lost, and
 * what is wrong with it.
 */
export interface FormState {
  /** Which form of the page this answers, where there are several (`intent`). */
  intent: string | null;
  values: Record<string, string>;
  fieldErrors: Record<string, string>;
  formErrors: string[];
}

/** The state of this form, if the last action answered this form. */
export const stateOf = (data: unknown, intent: string | null = null): FormState | undefined => {
  if (typeof data !== "object" || data === null || !("fieldErrors" in data)) return undefined;
  const state = data as FormState;
  return intent === null || state.intent === intent ? state : undefined;
};

/** Spread into a Field: its error, and what the person typed last (else `fallback`). */
export const fieldProps = (state: FormState | undefined, name: string, fallback?: string | null) => ({
  defaultValue: state?.values[name] ?? fallback ?? undefined,
  error: state?.fieldErrors[name],
});

/**
 * A form that works before scripts load. Errors stand beside their fields and are summed up on top with links; the
 * summary takes focus when it appears.
 *
 * `<Form method="post" state={stateOf(useActionData())}><Field …/><SubmitButton>Save profile</SubmitButton></Form>`
 *
 * One that adds a thing to the list it stands under `clears` once the thing is there, ready for the next.
 */
export function Form({
  state,
  clears = false,
  saved,
  className,
  children,
  ...rest
}: ComponentProps<typeof RemixForm> & {
  state?: FormState | undefined;
  clears?: boolean;
  /** The version of what a long form edits: given, the form asks before it is left with text that is not saved. */
  saved?: string | number;
}) {
  const form = useRef<HTMLFormElement>(null);
  const isSent = useRef(false);
  const navigation = useNavigation();
  useEffect(() => {
    if (!clears || !isSent.current || navigation.state !== "idle") return;
    isSent.current = false;
    if (!state) form.current?.reset();
  }, [clears, navigation.state, state]);
  return (
    <RemixForm
      method="post"
      noValidate
      {...rest}
      ref={form}
      onSubmit={(event) => {
        isSent.current = true;
        rest.onSubmit?.(event);
      }}
      className={cx("grid gap-6", className)}
    >
      {state && <ErrorSummary state={state} />}
      {saved !== undefined && <UnsavedGuard form={form} saved={saved} isRefused={state !== undefined} />}
      {children}
    </RemixForm>
  );
}

export function ErrorSummary({ state }: { state: FormState }) {
  const box = useRef<HTMLDivElement>(null);
  // Every answer is a new object, so the focus moves again when a second try fails too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answer itself is what changes.
  useEffect(() => box.current?.focus(), [state]);
  const fields = Object.entries(state.fieldErrors);
  const count = fields.length + state.formErrors.length;
  if (count === 0) return null;
  return (
    <div
      ref={box}
      role="alert"
      tabIndex={-1}
      className="rounded-m border border-danger-ink bg-danger-tint px-4 py-3 text-ui outline-danger-ink"
    >
      <p className="flex items-center gap-2 font-semibold text-danger-ink">
        <Icon name="warning" />
        {common("formErrors", { count })}
      </p>
      <ul className="mt-1.5 grid gap-1 ps-6">
        {state.formErrors.map((message) => (
          <li key={message}>{message}</li>
        ))}
        {fields.map(([name, message]) => (
          <li key={name}>
            <a href={`#${name}`} className="underline underline-offset-2">
              {message}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
