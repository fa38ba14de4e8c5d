// A logical dump of each school every night. Getting one back is packages/tenants/src/restore.
export { type Dumped, dump } from "./dump.ts";
export { type Found, find, verify } from "./find.ts";
export type { Manifest } from "./format.ts";
export * as Backup from "./index.ts";
export { type Nightly, nightly } from "./nightly.ts";
