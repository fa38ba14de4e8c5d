import { SubmitButton } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

interface Upload {
  /** Where the browser posts the file: storage itself, not this site. */
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The upload is an HTML form whose presigned POST goes straight to storage, which then redirects to the page that follows
 * the import. The file must be the last field: storage ignores what comes after it.
 */
export function ImportUpload({ upload }: { upload: Upload }) {
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
      <div className="grid gap-1.5">
        <label htmlFor="file" className="text-ui font-medium">
          {studio("importFile")}
        </label>
        <input
          id="file"
          name="file"
          type="file"
          required
          accept=".zip,.imscc,.md,.html,application/zip"
          aria-describedby="file-help"
          className="text-ui file:me-3 file:min-h-11 file:rounded-s file:border file:border-control file:bg-surface file:px-4 file:font-medium"
        />
        <p id="file-help" className="text-sm text-muted">
          {studio("importHelp")}
        </p>
      </div>
      <SubmitButton className="justify-self-start">{studio("importStart")}</SubmitButton>
    </form>
  );
}
