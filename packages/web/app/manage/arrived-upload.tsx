import { Form, useLocation, useSubmit } from "@remix-run/react";
import { useEffect, useRef } from "react";
import { Hidden, SubmitButton } from "../components/ui/index.ts";
import { common } from "../messages/en/common.ts";

/**
 * Completes an upload when storage has redirected back to the page. A GET must change nothing, so this is a form: scripts
 * submit it at once, and without them a button does. `fields` name the intent and the file.
 */
export function ArrivedUpload({ fields }: { fields: Readonly<Record<string, string>> }) {
  const { pathname } = useLocation();
  const submit = useSubmit();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => submit(form.current, { replace: true }), [submit]);
  return (
    <Form ref={form} method="post" action={pathname} className="mb-8 grid max-w-lg justify-items-start gap-4">
      <Hidden fields={fields} />
      <p>{common("uploadArrived")}</p>
      <SubmitButton>{common("uploadContinue")}</SubmitButton>
    </Form>
  );
}
