export { auth } from "./app.tsx";
export { Token } from "./token.ts";
