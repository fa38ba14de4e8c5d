/**
 * The time zones to choose from, with the one that is chosen now. `Intl.supportedValuesOf` names neither UTC nor what a
 * zone is called elsewhere ("Asia/Kolkata"), and a list without the present value would preselect its first.
 */
export const zonesFor = (current: string | null): string[] =>
  [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", ...(current ? [current] : [])])].sort();
