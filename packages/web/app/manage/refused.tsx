import { ErrorSummary, type FormState } from "../components/ui/form.tsx";

/** Renders the error of a form that confirms in place. */
export const Refused = ({ state }: { state: FormState | undefined }) =>
  state ? (
    <div className="mb-4">
      <ErrorSummary state={state} />
    </div>
  ) : null;
