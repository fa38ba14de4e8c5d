import { lazy } from "../../kernel/lazy/index.ts";

/** How packages are unpacked, read and written, loaded when one is: most functions never see any. */
export const reading = lazy(() => import("./reader.ts"));
