/** Bearer tokens, verified without calling the sign-in host: see core/identity. */
export { Token } from "@lectern/core/people/identity";
