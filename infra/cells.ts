import { allFunctions } from "./functions.ts";
import { openCells } from "./migrate.ts";
import { operator } from "./operator.ts";
import { schoolRolePolicy } from "./school-role.ts";
import { site } from "./web.ts";
import { workspace } from "./workspace.ts";

// Runs last: everything that works for schools must have rights on a new cell before it opens.
openCells([
  ...allFunctions.map(({ live }) => live),
  schoolRolePolicy,
  site,
  ...(workspace ? [workspace.service] : []),
  ...(operator ? [operator] : []),
]);
