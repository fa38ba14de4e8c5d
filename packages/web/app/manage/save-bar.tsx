import { SubmitButton } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

/**
 * Renders the save button of a text that several people edit, with the version it is based on. After a conflict the
 * button sends the newer version; Enter in a field still sends the old one, which is refused again.
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
