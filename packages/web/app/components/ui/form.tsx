import { Form as RemixForm, useNavigation } from "@remix-run/react";
import { type ComponentProps, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "./icon.tsx";
import { UnsavedGuard } from "./unsaved.tsx";

/** What an action returns when it refuses a form (`app/server/form.server.ts`): the typed values and the errors. */
export interface FormState {
  /** The `intent` of the refused form, for pages with several forms. */
  intent: string | null;
  values: Record<string, string>;
  fieldErrors: Record<string, string>;
  formErrors: string[];
}

/** Returns the state if the last action answered this form. */
export const stateOf = (data: unknown, intent: string | null = null): FormState | undefined => {
  if (typeof data !== "object" || data === null || !("fieldErrors" in data)) return undefined;
  const state = data as FormState;
  return intent === null || state.intent === intent ? state : undefined;
};

/** Returns props for a Field: its error, and the last typed value or `fallback`. */
export const fieldProps = (state: FormState | undefined, name: string, fallback?: string | null) => ({
  defaultValue: state?.values[name] ?? fallback ?? undefined,
  error: state?.fieldErrors[name],
});

/**
 * Renders a form that works before scripts load. Errors appear beside their fields and in a summary that takes focus.
 * `<Form method="post" state={stateOf(useActionData())}><Field …/><SubmitButton>Save profile</SubmitButton></Form>`
 * `clears` empties the form after success, for forms that add an entry to a list.
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
  /** Version of the edited text. When set, the form asks before a navigation discards unsaved text. */
  saved?: string | number;
}) {
  const form = useRef<HTMLFormElement>(null);
  const isSent = useRef(false);
  const navigation = useNavigation();
  useEffect(() => {
    if (!clears || !isSent.current || navigation.state !== "idle") return;
    isSent.current = false;
    if (state) return;
    form.current?.reset();
    // The new entry pushes the form down, so the field that keeps the focus may be out of sight.
    const { activeElement } = document;
    if (form.current?.contains(activeElement)) activeElement?.scrollIntoView({ block: "nearest" });
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
  // Each answer is a new object, so a second failed try moves focus again.
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
