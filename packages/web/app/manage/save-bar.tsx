import { SubmitButton } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

/**
 * The save button of a form whose text others may change too, and the version it goes on from. Once somebody else was faster
 * the button says what it does; pressing Enter in a field goes on from the old version, which is refused again.
 */
export function SaveBar({ seen, version, label }: { seen: string | undefined; version: number; label: string }) {
  const isStale = seen !== undefined && seen !== String(version);
  if (!isStale)
    return (
      <>
        <input type="hidden" name="version" value={version} />
        <SubmitButton>{label}</SubmitButton>
      </>
    );
  return (
    <>
      <button type="submit" name="version" value={seen} tabIndex={-1} aria-hidden="true" className="sr-only">
        {label}
      </button>
      <SubmitButton name="version" value={version}>
        {studio("keepMine")}
      </SubmitButton>
    </>
  );
}
