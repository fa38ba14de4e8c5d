/** Custom domains of schools: claim, proof, activation, release (docs/adr/0015-own-domains.md). */
export { advance, giveUpMs } from "./advance.ts";
export { Events } from "./domain.event.ts";
export * as Domain from "./index.ts";
export { add, check, claim, Info, list, maxPerSchool, read, releaseAll, remove } from "./manage.ts";
export { checkName, type NameVerdict } from "./name.ts";
export { advanceDue, follow, takeDown } from "./turns.ts";
