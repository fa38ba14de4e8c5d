/** How packages are unpacked, read and written, loaded when one is: most functions never see any. */
export const reading = () => import("./reader.ts");
