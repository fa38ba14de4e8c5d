import { ErrorSummary, type FormState } from "../components/ui/form.tsx";

/** Why a form that confirms in place was not accepted. */
export const Refused = ({ state }: { state: FormState | undefined }) =>
  state ? (
    <div className="mb-4">
      <ErrorSummary state={state} />
    </div>
  ) : null;
