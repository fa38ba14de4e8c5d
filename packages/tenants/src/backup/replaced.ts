import { Cell, connect } from "../cell/index.ts";
import { dropReplaced } from "./load.ts";

/** Drops the schemas that restores have replaced more than a week ago, in every cell. */
export async function dropAllReplaced(now = new Date()): Promise<string[]> {
  const dropped: string[] = [];
  for (const cell of await Cell.list()) {
    const sql = connect(cell.database, "lectern_provisioner");
    try {
      dropped.push(...(await dropReplaced(sql, now)));
    } finally {
      await sql.end();
    }
  }
  return dropped;
}
