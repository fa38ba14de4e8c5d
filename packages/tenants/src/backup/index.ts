// Makes a logical dump of each school every night; packages/tenants/src/restore loads one.
export { type Dumped, dump } from "./dump.ts";
export { type Found, find, verify } from "./find.ts";
export type { Manifest } from "./format.ts";
export * as Backup from "./index.ts";
export { type Nightly, nightly } from "./nightly.ts";
