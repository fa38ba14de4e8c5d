import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import * as Legal from "@lectern/core/people/legal";
import * as Settings from "@lectern/core/people/settings";
import { Events } from "./school.event.ts";

/**
 * Copies the settings and legal-page addresses that every page needs into the school's route. The reaction to
 * `school.settings_changed` runs it as the system. Idempotent.
 */
export async function followSettings(): Promise<void> {
  await copySettings();
  await Events.RouteChanged.emit({});
}

/** Copies them without the event, for a restore, which must not change the school's tables. */
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
