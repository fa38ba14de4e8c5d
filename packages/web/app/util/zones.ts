/**
 * Returns the time zones to choose from, including the current one. `Intl.supportedValuesOf` lacks UTC and aliases such
 * as "Asia/Kolkata", and a list without the current value would preselect its first entry.
 */
export const zonesFor = (current: string | null): string[] =>
  [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", ...(current ? [current] : [])])].sort();
