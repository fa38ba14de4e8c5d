export { Operator } from "./operator.ts";
