/** @jsxImportSource hono/jsx */
import type { DomainError } from "@lectern/core/kernel/error";
import type { Child, PropsWithChildren } from "hono/jsx";
import type { Frame } from "./layout.tsx";

/** Submitted values and errors, empty on the first visit, never with passwords. */
export interface FormState {
  readonly values: Readonly<Record<string, string>>;
  readonly refusal?: DomainError | undefined;
}
export const blank: FormState = { values: {} };

interface FieldProps {
  readonly state: FormState;
  readonly name: string;
  readonly label: string;
  readonly help?: string | undefined;
  readonly autocomplete: string;
  readonly required?: boolean;
  readonly type?: "text" | "email";
  readonly inputmode?: "numeric";
  /** Receives focus on load: see `script`. */
  readonly isFirst?: boolean;
  readonly maxlength?: number;
}

const errorOf = (state: FormState, name: string): string | undefined => state.refusal?.fields?.[name];
const describedBy = (name: string, help: unknown, error: unknown): string | undefined =>
  [help ? `${name}-help` : "", error ? `${name}-error` : ""].filter(Boolean).join(" ") || undefined;

/** Renders label, help, input and error. */
export function Field({ state, name, label, help, required = true, type = "text", isFirst, ...rest }: FieldProps) {
  const error = errorOf(state, name);
  return (
    <div class="field">
      <Label name={name} label={label} required={required} />
      <input
        class="box"
        id={name}
        name={name}
        type={type}
        value={state.values[name] ?? ""}
        required={required}
        aria-invalid={error ? "true" : undefined}
        aria-describedby={describedBy(name, help, error)}
        autocapitalize={type === "email" ? "none" : undefined}
        spellcheck={type === "email" ? false : undefined}
        data-first={isFirst}
        {...rest}
      />
      <Notes name={name} help={help} error={error} />
    </div>
  );
}

export function PasswordField({
  state,
  name,
  label,
  help,
  autocomplete,
  isFirst,
}: Pick<FieldProps, "state" | "name" | "label" | "help" | "autocomplete" | "isFirst">) {
  const error = errorOf(state, name);
  return (
    <div class="field">
      <Label name={name} label={label} required />
      <div class="secret">
        <input
          class="box"
          id={name}
          name={name}
          type="password"
          required
          maxlength={1024}
          autocomplete={autocomplete}
          aria-invalid={error ? "true" : undefined}
          aria-describedby={describedBy(name, help, error)}
          autocapitalize="none"
          spellcheck={false}
          data-secret
          data-first={isFirst}
        />
      </div>
      <Notes name={name} help={help} error={error} />
    </div>
  );
}

const Label = ({ name, label, required }: { name: string; label: string; required: boolean }) => (
  <label for={name}>
    {label}
    {!required && <span class="note"> (optional)</span>}
  </label>
);

const Notes = ({ name, help, error }: { name: string; help: string | undefined; error: string | undefined }) => (
  <>
    {help && (
      <p class="help" id={`${name}-help`}>
        {help}
      </p>
    )}
    {error && (
      <p class="error" id={`${name}-error`}>
        <Warning />
        <span>{error}</span>
      </p>
    )}
  </>
);

/** The icon of the school's pages. */
const Warning = () => (
  <svg
    viewBox="0 0 16 16"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="1.5"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    <path d="M8 2.5 1.8 13.5h12.4L8 2.5Zm0 4.3v3.2m0 1.8v.2" />
  </svg>
);

/** Lists errors with links to their fields. It takes focus, so screen readers read it first. */
export function Summary({ state }: { state: FormState }) {
  const { refusal } = state;
  if (!refusal) return null;
  const fields = Object.entries(refusal.fields ?? {}).filter(([name]) => name in labels);
  return (
    <div class="summary" role="alert" tabindex={-1} data-summary>
      <h2>
        <Warning />
        <span>{fields.length > 0 ? "Please look at this again" : refusal.message}</span>
      </h2>
      {fields.length > 0 && (
        <ul>
          {fields.map(([name, message]) => (
            <li key={name}>
              <a href={`#${name}`}>
                {labels[name]}: {message}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const labels: Readonly<Record<string, string>> = {
  email: "E-mail address",
  password: "Password",
  givenName: "Given name",
  familyName: "Family name",
  code: "Code",
};

/** Renders a form that posts to its own address with the flow and the CSRF token. */
export const Form = ({
  frame,
  action,
  hidden = {},
  children,
}: PropsWithChildren<{ frame: Frame; action: string; hidden?: Readonly<Record<string, string | undefined>> }>) => (
  <form method="post" action={action}>
    <input type="hidden" name="csrf" value={frame.csrf} />
    {Object.entries(hidden).map(
      ([name, value]) => value !== undefined && <input type="hidden" name={name} value={value} />,
    )}
    {children}
  </form>
);

export const Submit = ({ children, quiet }: { children: Child; quiet?: boolean }) => (
  <button type="submit" class={quiet ? "button quiet" : "button"}>
    {children}
  </button>
);
