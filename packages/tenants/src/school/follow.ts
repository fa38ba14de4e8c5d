import { useSchool } from "@lectern/core/kernel/actor";
import { Directory, SchoolItem } from "@lectern/core/kernel/directory";
import * as Settings from "@lectern/core/settings";
import { Events } from "./school.event.ts";

/**
 * Repeats the settings' language and time zone in the school's route, after they have changed. Runs as the system, from
 * the reaction to `school.settings_changed`; doing it again changes nothing.
 */
export async function followSettings(): Promise<void> {
  const { schoolId } = useSchool();
  const { locale, zone } = await Settings.get({});
  await SchoolItem().patch({ schoolId }).set({ locale, zone }).go();
  Directory.forget(schoolId);
  await Events.RouteChanged.emit({});
}
