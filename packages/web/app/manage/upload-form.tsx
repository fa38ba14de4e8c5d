import { type FormEvent, useState } from "react";
import { FieldError, fileBox, Hidden, SubmitButton } from "../components/ui/index.ts";
import { common } from "../messages/en/common.ts";
import { largestOf, sizeOf } from "../util/bytes.ts";

interface Props {
  upload: {
    /** Storage's URL: the browser posts the file there. */
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
  };
  label: string;
  help: string;
  accept: string;
  submit: string;
  /** Needed where a page has several. */
  id?: string;
}

/**
 * Renders a presigned POST to storage, which redirects back. The file must be the last field, because S3 ignores fields
 * after it. The form checks the size first, because S3 answers with XML.
 */
export function UploadForm({ upload, label, help, accept, submit, id = "file" }: Props) {
  const [error, setError] = useState<string>();
  const send = (event: FormEvent<HTMLFormElement>) => {
    const field = event.currentTarget.elements.namedItem("file") as HTMLInputElement;
    const size = field.files?.[0]?.size ?? 0;
    const most = largestOf(upload.fields);
    if (size > 0 && size <= most) return;
    event.preventDefault();
    setError(size > 0 ? common("fileTooLarge", { size: sizeOf(size), most: sizeOf(most) }) : common("fileEmpty"));
    field.focus();
  };
  return (
    <form
      action={upload.url}
      method="post"
      encType="multipart/form-data"
      onSubmit={send}
      className="mb-8 grid max-w-lg gap-4 rounded-m border border-dashed border-control p-6"
    >
      <Hidden fields={upload.fields} />
      <div className="grid min-w-0 gap-1.5">
        <label htmlFor={id} className="text-ui font-medium">
          {label}
        </label>
        <input
          id={id}
          name="file"
          type="file"
          required
          accept={accept}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error ${id}-help` : `${id}-help`}
          onChange={() => setError(undefined)}
          className={fileBox}
        />
        <p id={`${id}-help`} className="text-sm text-muted">
          {help}
        </p>
        {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      </div>
      <SubmitButton className="justify-self-start">{submit}</SubmitButton>
    </form>
  );
}
