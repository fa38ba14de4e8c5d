import { useEffect, useRef, useState } from "react";
import { buttonClass } from "../components/ui/button.tsx";
import { Form, type FormState, Icon, Notice, Select, SubmitButton } from "../components/ui/index.ts";
import { admin } from "../messages/en/admin.ts";
import { cx } from "../util/class.ts";
import { roleOptions } from "./roles.ts";

const formId = "many";

/** Renders a row's checkbox, which belongs to the form above the list. */
export const Pick = ({ id, name }: { id: string; name: string }) => (
  <label className="-m-2 flex p-2">
    <input
      type="checkbox"
      form={formId}
      name="userId"
      value={id}
      className="size-5 accent-(--accent-11)"
      aria-label={admin("manyPick", { name })}
    />
  </label>
);

const boxes = (): HTMLInputElement[] => [
  ...document.querySelectorAll<HTMLInputElement>(`input[name=userId][form=${formId}]`),
];

/**
 * Renders the bulk actions below the list. They become sticky once a box is ticked, so they do not move the list or
 * cover it while it is only read.
 */
export function PeopleActs({ state, page }: { state: FormState | undefined; page: string }) {
  const all = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page of the list has other boxes.
  useEffect(() => {
    const count = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      setChosen(ticked);
      if (all.current) {
        all.current.checked = ticked > 0 && ticked === boxes().length;
        all.current.indeterminate = ticked > 0 && ticked < boxes().length;
      }
    };
    const changed = ({ target }: Event) => {
      if (target instanceof HTMLInputElement && target.name === "userId") count();
    };
    count();
    document.addEventListener("change", changed);
    return () => document.removeEventListener("change", changed);
  }, [page]);
  return (
    <details
      open={state !== undefined}
      className={cx(
        "group/many my-4 rounded-m border border-line-strong bg-surface px-4",
        chosen > 0 &&
          "stay-below z-10 max-h-[80svh] overflow-y-auto max-md:open:static max-md:open:max-h-none md:rounded-b-none max-md:not-open:rounded-b-none",
      )}
    >
      <summary className="flex cursor-pointer items-center gap-3 py-3 text-ui font-medium">
        <span>
          {admin("many")}
          <span className="ms-3 font-normal text-muted" aria-live="polite">
            {chosen > 0 && admin("manyChosen", { count: chosen })}
          </span>
        </span>
        <Icon name="up" className="ms-auto shrink-0 group-open/many:rotate-180" />
      </summary>
      <Form id={formId} state={state} className="gap-4 pb-4">
        {state?.values.done && <Notice tone="success">{admin("manyDone", { names: state.values.done })}</Notice>}
        {chosen === 0 && <p className="text-sm text-muted">{admin("manyLead")}</p>}
        <label className="scripted flex w-fit items-center gap-2.5 py-1 text-ui">
          <input
            ref={all}
            type="checkbox"
            className="size-5 accent-(--accent-11)"
            onChange={(event) => {
              for (const box of boxes()) box.checked = event.currentTarget.checked;
              setChosen(event.currentTarget.checked ? boxes().length : 0);
            }}
          />
          {admin("manyAll")}
        </label>
        <div className="flex flex-wrap items-end gap-3">
          <Select
            id="many-role"
            label={admin("role")}
            name="role"
            defaultValue={state?.values.role || "learner"}
            options={roleOptions()}
          />
          <SubmitButton name="intent" value="give" variant="secondary">
            {admin("giveRole")}
          </SubmitButton>
          <Asked trigger={admin("manyTakeRole")} intent="take" confirm={admin("manyTakeConfirm")}>
            {admin("takeRoleBody")}
          </Asked>
          <Asked trigger={admin("suspend")} intent="suspend" confirm={admin("manySuspendConfirm")}>
            {admin("manySuspendBody")}
          </Asked>
          <SubmitButton name="intent" value="reinstate" variant="secondary">
            {admin("reinstate")}
          </SubmitButton>
        </div>
      </Form>
    </details>
  );
}

/** Asks as `ConfirmForm` does, but inside the one form. */
const Asked = ({
  trigger,
  intent,
  confirm,
  children,
}: {
  trigger: string;
  intent: string;
  confirm: string;
  children: string;
}) => (
  <details className="group open:order-last open:basis-full">
    <summary className={buttonClass("danger", "normal", "group-open:hidden")}>{trigger}</summary>
    <div className="grid max-w-lg gap-3 rounded-m border border-line-strong p-4">
      <p className="text-ui">{children}</p>
      <SubmitButton name="intent" value={intent} variant="danger" className="justify-self-start">
        {confirm}
      </SubmitButton>
    </div>
  </details>
);
