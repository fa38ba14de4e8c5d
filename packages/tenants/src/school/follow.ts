import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import * as Legal from "@lectern/core/legal";
import * as Settings from "@lectern/core/settings";
import { Events } from "./school.event.ts";

/**
 * Repeats the settings' language, time zone and contact, and where the legal pages are, in the school's route, after they have changed. Runs as the system, from
 * the reaction to `school.settings_changed`; doing it again changes nothing.
 */
export async function followSettings(): Promise<void> {
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
  await Events.RouteChanged.emit({});
}
