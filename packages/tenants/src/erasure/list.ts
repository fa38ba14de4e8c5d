import { Readable } from "node:stream";
import { idPattern } from "@lectern/core/kernel/id";
import { keys, write } from "../backup/shelf.ts";

// Who was erased from which school: an id in a key, `<school id>/erased/<user id>`, beside the dumps that may still hold
// the person. The bucket keeps both for the same time, so an entry outlives every dump that was made before it; no restore of
// the database, of a table or of a school takes it back, and it stays when the school is removed.

const prefixOf = (schoolId: string): string => `${schoolId}/erased/`;

/** Puts a person on the list. Again, it only stays there longer. */
export async function enter(schoolId: string, userId: string): Promise<void> {
  if (!idPattern("user").test(userId)) throw new Error(`not the id of a person: ${userId}`);
  await write(`${prefixOf(schoolId)}${userId}`, Readable.from([Buffer.from("{}")]));
}

/** Everybody on a school's list, by id. */
export async function listed(schoolId: string): Promise<string[]> {
  const prefix = prefixOf(schoolId);
  const found: string[] = [];
  for await (const key of keys(prefix))
    if (idPattern("user").test(key.slice(prefix.length))) found.push(key.slice(prefix.length));
  return found;
}
