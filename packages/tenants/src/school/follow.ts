import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import * as Legal from "@lectern/core/legal";
import * as Settings from "@lectern/core/settings";
import { Events } from "./school.event.ts";

/**
 * Copies the settings that every page needs, and where the legal pages are, into the school's route. Runs as the system,
 * from the reaction to `school.settings_changed`; running it again changes nothing.
 */
export async function followSettings(): Promise<void> {
  await copySettings();
  await Events.RouteChanged.emit({});
}

/** The same without the event, for a restore, which leaves nothing of its own in the school's tables. */
export async function copySettings(): Promise<void> {
  const { schoolId } = useSchool();
  const [{ locale, zone, contactEmail, instructorRequests }, legal] = await Promise.all([
    Settings.get({}),
    Legal.addresses({}),
  ]);
  const change = SchoolItem().patch({ schoolId });
  const repeated = { locale, zone, legal, instructorRequests };
  await (contactEmail === null
    ? change.set(repeated).remove(["contactEmail"])
    : change.set({ ...repeated, contactEmail })
  ).go();
  Directory.forget(schoolId);
}
