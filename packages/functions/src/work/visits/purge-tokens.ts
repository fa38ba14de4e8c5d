import * as Identity from "@lectern/core/people/identity";

/** Deletes tokens of mails that expired a month ago. */
export const purgeTokens = (): Promise<void> => Identity.purgeTokens();
