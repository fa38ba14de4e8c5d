import { Form, useActionData, useLocation } from "@remix-run/react";
import { type ReactNode, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { type ButtonSize, type ButtonVariant, buttonClass, SubmitButton } from "./button.tsx";
import { Hidden } from "./hidden.tsx";

/** Closes the question and returns focus to its trigger. */
function close(details: HTMLDetailsElement | null): void {
  details?.removeAttribute("open");
  details?.querySelector("summary")?.focus();
}

/**
 * Asks for confirmation in place before a destructive action. It is a `<details>`, so it works without scripts.
 * `<ConfirmForm trigger="Delete course" confirm="Delete “Algebra I”" fields={{ intent: "delete" }}>
 *    Its 12 lessons are deleted too. Learners keep their certificates.
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
  /** Further fields, such as the reason for a reset. */
  more?: ReactNode;
  /** Reloads the document afterwards, so that fields show stored values instead of typed ones. */
  reloads?: boolean;
}) {
  const details = useRef<HTMLDetailsElement>(null);
  const { key } = useLocation();
  const answer = useActionData();
  // A successful action redirects, which closes the question; a refused one stays open beside its error.
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
        <Hidden fields={fields} />
        <p className="text-ui">{children}</p>
        {more}
        <div className="flex flex-wrap gap-2">
          <SubmitButton variant="danger" size={size} className="min-w-0 whitespace-normal! wrap-anywhere">
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
