declare module "electrodb/src/entity.js" {
  export { Entity } from "electrodb";
}
