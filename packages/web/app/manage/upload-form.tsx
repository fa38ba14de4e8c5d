import { SubmitButton } from "../components/ui/index.ts";

interface Props {
  upload: {
    /** Where the browser posts the file: storage itself, not this site. */
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
  };
  label: string;
  help: string;
  accept: string;
  submit: string;
  /** Of the file field, where a page has several. */
  id?: string;
}

/**
 * An upload is an HTML form whose presigned POST goes straight to storage, which then redirects back. The file is the last
 * field: storage ignores what comes after it.
 */
export function UploadForm({ upload, label, help, accept, submit, id = "file" }: Props) {
  return (
    <form
      action={upload.url}
      method="post"
      encType="multipart/form-data"
      className="mb-8 grid max-w-lg gap-4 rounded-m border border-dashed border-control p-6"
    >
      {Object.entries(upload.fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
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
          aria-describedby={`${id}-help`}
          className="w-full min-w-0 text-ui file:me-3 file:min-h-11 file:rounded-s file:border file:border-control file:bg-surface file:px-4 file:font-medium"
        />
        <p id={`${id}-help`} className="text-sm text-muted">
          {help}
        </p>
      </div>
      <SubmitButton className="justify-self-start">{submit}</SubmitButton>
    </form>
  );
}
