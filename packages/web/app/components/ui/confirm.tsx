import { Form, useActionData, useLocation } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { type ButtonSize, type ButtonVariant, buttonClass, SubmitButton } from "./button.tsx";

/** Closes the question and gives the focus back to what asked it. */
function close(details: HTMLDetailsElement | null): void {
  details?.removeAttribute("open");
  details?.querySelector("summary")?.focus();
}

/**
 * A destructive act asks once, in place, naming what goes. It is a <details>: it opens, closes and submits without a
 * script.
 *
 * `<ConfirmForm trigger="Delete course" confirm="Delete “Algebra I”" fields={{ intent: "delete" }}>
 *    Its 12 lessons go with it. Learners keep their certificates.
 *  </ConfirmForm>`
 */
export function ConfirmForm({
  trigger,
  confirm,
  children,
  fields = {},
  action,
  size = "normal",
  variant = "danger",
  more,
  reloads = false,
}: {
  trigger: ReactNode;
  confirm: ReactNode;
  children: ReactNode;
  fields?: Record<string, string>;
  action?: string;
  size?: ButtonSize;
  variant?: ButtonVariant;
  /** Further fields, such as the reason of a reset. */
  more?: ReactNode;
  /** The page is loaded anew afterwards: its fields show what is stored, not what was typed. */
  reloads?: boolean;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  const { key } = useLocation();
  const answer = useActionData();
  // An act that was done leads to a page without an answer; one that was refused stays open beside its reason.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address is what changes once the act is done.
  useEffect(() => {
    if (answer === undefined) details.current?.removeAttribute("open");
  }, [key, answer]);
  return (
    <details
      ref={details}
      className="group"
      onToggle={({ currentTarget }) => currentTarget.open && currentTarget.querySelector("form")?.focus()}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !event.currentTarget.open) return;
        event.stopPropagation();
        close(event.currentTarget);
      }}
    >
      <summary className={buttonClass(variant, size, "group-open:hidden")}>{trigger}</summary>
      <Form
        method="post"
        action={action}
        reloadDocument={reloads}
        tabIndex={-1}
        className="grid max-w-lg grid-cols-1 gap-3 rounded-m border border-line-strong bg-surface p-4 text-start"
      >
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <p className="text-ui">{children}</p>
        {more}
        <div className="flex flex-wrap gap-2">
          <SubmitButton variant="danger" size={size} className="min-w-0 whitespace-normal wrap-anywhere">
            {confirm}
          </SubmitButton>
          <button
            type="button"
            className={buttonClass("quiet", size, "scripted")}
            onClick={(event) => close(event.currentTarget.closest("details"))}
          >
            {common("cancel")}
          </button>
        </div>
      </Form>
    </details>
  );
}
