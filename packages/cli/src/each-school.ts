import { School } from "@lectern/tenants/school";

/** Yields one school's slug, or the slugs of all open schools page by page. */
export async function* eachSchool(only: string | undefined): AsyncGenerator<string> {
  if (only !== undefined) {
    yield (await School.show({ slug: only })).slug;
    return;
  }
  let cursor: string | undefined;
  do {
    const page: Awaited<ReturnType<typeof School.list>> = await School.list({
      ...{ state: "active", limit: 100 },
      ...(cursor !== undefined && { cursor }),
    });
    yield* page.items.map(({ slug }) => slug);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
