/** How sources become pages, loaded when it is first needed: most functions never write a lesson. */
export const rendering = () => import("./render.ts");
