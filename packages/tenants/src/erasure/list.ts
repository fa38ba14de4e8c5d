import { Readable } from "node:stream";
import { idPattern } from "@lectern/core/kernel/id";
import { keys, write } from "../backup/shelf.ts";

// List of erased people: an empty object `<school id>/erased/<user id>` beside the dumps that may hold the person. The
// bucket retains both equally long, so an entry outlives every older dump. Restores of the database, a table or a
// school do not touch it, and it survives the school.

const prefixOf = (schoolId: string): string => `${schoolId}/erased/`;

/** Adds a person to the list; adding again extends the retention. */
export async function enter(schoolId: string, userId: string): Promise<void> {
  if (!idPattern("user").test(userId)) throw new Error(`not the id of a person: ${userId}`);
  await write(`${prefixOf(schoolId)}${userId}`, Readable.from([Buffer.from("{}")]));
}

/** Returns the ids on a school's list. */
export async function listed(schoolId: string): Promise<string[]> {
  const prefix = prefixOf(schoolId);
  const found: string[] = [];
  for await (const key of keys(prefix))
    if (idPattern("user").test(key.slice(prefix.length))) found.push(key.slice(prefix.length));
  return found;
}
