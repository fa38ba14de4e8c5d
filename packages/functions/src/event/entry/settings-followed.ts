import { settingsFollowed } from "../reactions/settings-followed.ts";

export const { handler } = settingsFollowed;
