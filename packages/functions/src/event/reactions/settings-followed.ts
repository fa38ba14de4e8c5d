import * as Settings from "@lectern/core/people/settings";
import * as School from "@lectern/tenants/school";
import { consumer } from "../consumer.ts";

/** Language and time zone stand in the school's route as well, where pages and mails read them. */
export const settingsFollowed = consumer("settings-followed", Settings.Events.Changed, () => School.followSettings());
export const { handler } = settingsFollowed;
