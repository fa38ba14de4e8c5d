import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from "react";
import { common } from "../../messages/en/common.ts";
import { cx } from "../../util/class.ts";
import { Icon } from "./icon.tsx";

interface Around {
  label: ReactNode;
  name: string;
  help?: ReactNode;
  error?: string | undefined;
  /** Defaults to the name; required where a name appears twice on a page. */
  id?: string;
  optional?: boolean;
}

/** Lays out label, control, help and error. The error has an icon, so color is not its only sign. */
function Shell({
  id,
  label,
  help,
  error,
  optional,
  children,
  className,
}: Omit<Around, "name"> & { id: string; children: ReactNode; className?: string | undefined }) {
  return (
    <div className={cx("grid content-start gap-1.5", className)}>
      <label htmlFor={id} className="text-ui font-medium">
        {label}
        {optional && <span className="ms-1.5 font-normal text-muted">({common("optional")})</span>}
      </label>
      {children}
      {help && (
        <p id={`${id}-help`} className="text-sm text-muted">
          {help}
        </p>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </div>
  );
}

export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className="flex items-start gap-1.5 text-sm font-medium text-danger-ink">
      <Icon name="warning" className="mt-0.5" />
      <span>{children}</span>
    </p>
  );
}

const described = (id: string, help: unknown, error: unknown): string | undefined =>
  cx(error ? `${id}-error` : null, help ? `${id}-help` : null) || undefined;

type Control<T extends "input" | "textarea" | "select"> = Around & Omit<ComponentProps<T>, "name" | "id">;

export const fileBox =
  "w-full min-w-0 text-ui file:me-3 file:min-h-11 file:rounded-s file:border file:border-control file:bg-surface file:px-4 file:font-medium";

/**
 * Renders a text input: `<Field label="School name" name="name" required {...fieldProps(state, "name")} />`. `suffix`
 * appears inside the box (".lectern.example").
 */
export function Field({
  label,
  help,
  error,
  id,
  optional,
  className,
  suffix,
  ...input
}: Control<"input"> & { suffix?: ReactNode }) {
  const fieldId = id ?? input.name;
  const box = (
    <input
      {...input}
      id={fieldId}
      className={input.type === "file" ? fileBox : cx("field-box", suffix ? "min-w-0 rounded-e-none" : null)}
      aria-invalid={error ? true : undefined}
      aria-describedby={described(fieldId, help, error)}
    />
  );
  return (
    <Shell id={fieldId} label={label} help={help} error={error} optional={optional ?? false} className={className}>
      {suffix ? (
        <div className="flex">
          {box}
          <span
            className="flex items-center rounded-e-s border border-s-0 border-control bg-sunk px-3 text-ui text-soft whitespace-nowrap"
            dir="ltr"
          >
            {suffix}
          </span>
        </div>
      ) : (
        box
      )}
    </Shell>
  );
}

/** Renders a password input with a button that reveals the text; the button needs scripts. */
export function PasswordField({ label, help, error, id, optional, className, ...input }: Control<"input">) {
  const fieldId = id ?? input.name;
  const [isShown, setIsShown] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  // Browsers offer to save a password only from an input of type "password", so submitting hides the text again.
  useEffect(() => {
    const form = box.current?.form;
    const hide = () => setIsShown(false);
    form?.addEventListener("submit", hide);
    return () => form?.removeEventListener("submit", hide);
  }, []);
  return (
    <Shell id={fieldId} label={label} help={help} error={error} optional={optional ?? false} className={className}>
      <div className="relative grid">
        <input
          {...input}
          ref={box}
          type={isShown ? "text" : "password"}
          id={fieldId}
          autoCapitalize="none"
          spellCheck={false}
          className="field-box pe-18!"
          aria-invalid={error ? true : undefined}
          aria-describedby={described(fieldId, help, error)}
        />
        <button
          type="button"
          onClick={() => setIsShown(!isShown)}
          aria-label={common(isShown ? "hidePassword" : "showPassword")}
          className="scripted absolute inset-y-0.5 end-0.5 rounded-s px-3 text-sm font-medium text-accent-ink hover:bg-hover"
        >
          {common(isShown ? "hide" : "show")}
        </button>
      </div>
    </Shell>
  );
}

export function TextArea({ label, help, error, id, optional, className, rows = 4, ...input }: Control<"textarea">) {
  const fieldId = id ?? input.name;
  return (
    <Shell id={fieldId} label={label} help={help} error={error} optional={optional ?? false} className={className}>
      <textarea
        {...input}
        rows={rows}
        id={fieldId}
        className="field-box"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(fieldId, help, error)}
      />
    </Shell>
  );
}

/** Renders a native select from `options`. */
export function Select({
  label,
  help,
  error,
  id,
  optional,
  className,
  options,
  ...input
}: Control<"select"> & { options: readonly { value: string; label: string }[] }) {
  const fieldId = id ?? input.name;
  return (
    <Shell id={fieldId} label={label} help={help} error={error} optional={optional ?? false} className={className}>
      <select
        {...input}
        id={fieldId}
        className="field-box"
        aria-invalid={error ? true : undefined}
        aria-describedby={described(fieldId, help, error)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Shell>
  );
}

const tick = "mt-1 size-4.5 shrink-0 accent-(--accent-11)";

export function Checkbox({ label, help, error, id, ...input }: Control<"input">) {
  const fieldId = id ?? (input.value === undefined ? input.name : `${input.name}-${input.value}`);
  return (
    <div className="grid gap-1">
      <div className="flex items-start gap-2.5">
        <input
          {...input}
          type="checkbox"
          id={fieldId}
          className={tick}
          aria-describedby={described(fieldId, help, error)}
        />
        <label htmlFor={fieldId} className="text-ui">
          {label}
          {help && (
            <span id={`${fieldId}-help`} className="block text-sm text-muted">
              {help}
            </span>
          )}
        </label>
      </div>
      {error && <FieldError id={`${fieldId}-error`}>{error}</FieldError>}
    </div>
  );
}

/** Renders a fieldset of radio buttons. */
export function Choice({
  legend,
  name,
  options,
  defaultValue,
  error,
  help,
}: {
  legend: ReactNode;
  name: string;
  options: readonly { value: string; label: ReactNode; help?: ReactNode }[];
  defaultValue?: string | undefined;
  error?: string | undefined;
  help?: ReactNode;
}) {
  return (
    <fieldset id={name} aria-describedby={described(name, help, error)} className="grid gap-2.5">
      <legend className="mb-2.5 text-ui font-medium">{legend}</legend>
      {help && (
        <p id={`${name}-help`} className="text-sm text-muted">
          {help}
        </p>
      )}
      {options.map((option) => (
        <div key={option.value} className="flex items-start gap-2.5">
          <input
            type="radio"
            id={`${name}-${option.value}`}
            name={name}
            value={option.value}
            defaultChecked={option.value === defaultValue}
            className={tick}
          />
          <label htmlFor={`${name}-${option.value}`} className="text-ui">
            {option.label}
            {option.help && <span className="block text-sm text-muted">{option.help}</span>}
          </label>
        </div>
      ))}
      {error && <FieldError id={`${name}-error`}>{error}</FieldError>}
    </fieldset>
  );
}
