import { Identity } from "@lectern/core/people/identity";
import { eachSchool } from "./each-school.ts";
import { asOperator } from "./school.ts";

/** Rewrites the "find my school" index of one school or of all open schools; correct entries stay untouched. */
export async function reindex(
  only: string | undefined,
  onSchool: (done: number) => void,
): Promise<{ schools: number; people: number }> {
  const indexed = { schools: 0, people: 0 };
  for await (const slug of eachSchool(only)) {
    indexed.people += await asOperator(slug, indexPeople);
    indexed.schools += 1;
    onSchool(indexed.schools);
  }
  return indexed;
}

async function indexPeople(): Promise<number> {
  let people = 0;
  let cursor: string | undefined;
  do {
    const page: Awaited<ReturnType<typeof Identity.list>> = await Identity.list({
      limit: 100,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { id } of page.items) await Identity.indexForFinder(id);
    people += page.items.length;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return people;
}
