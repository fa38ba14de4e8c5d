import * as Settings from "@lectern/core/people/settings";
import * as School from "@lectern/tenants/school";
import { consumer } from "../consumer.ts";

/** Copies language and time zone into the school's route, where pages and mails read them. */
export const settingsFollowed = consumer("settings-followed", Settings.Events.Changed, () => School.followSettings());
export const { handler } = settingsFollowed;
