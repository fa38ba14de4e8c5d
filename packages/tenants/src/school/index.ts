/** Schools as the platform manages them: opening, lookup, suspension, removal, brand. */
export { setBrand } from "./brand.ts";
export { defaultBrand } from "./defaults.ts";
export { followSettings } from "./follow.ts";
export * as School from "./index.ts";
export { confirmLogo, readLogo, uploadLogo } from "./logo.ts";
export { SchoolName } from "./name.ts";
export { type Opened, OpenInput, type OpeningStep, open, openingSteps, openWith } from "./open.ts";
export { Detail, list, remove, resume, Summary, show, suspend, sweep } from "./operate.ts";
export { plan } from "./plan.ts";
export { Events } from "./school.event.ts";
export { checkSlug, proposeSlug, type SlugRefusal, type SlugVerdict, suggestSlug } from "./slug.ts";
