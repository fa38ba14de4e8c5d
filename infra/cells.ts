import { allFunctions } from "./functions.ts";
import { openCells } from "./migrate.ts";
import { operator } from "./operator.ts";
import { schoolRolePolicy } from "./school-role.ts";
import { site } from "./web.ts";
import { workspace } from "./workspace.ts";

// Last of all: whatever works for schools has the rights for every cell by now, so the new ones may be opened.
openCells([
  ...allFunctions.map(({ live }) => live),
  schoolRolePolicy,
  site,
  ...(workspace ? [workspace.service] : []),
  ...(operator ? [operator] : []),
]);
