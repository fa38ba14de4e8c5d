const sorts = ["name", "percent", "activity"] as const;

/** Returns the address's filters. It ignores unknown values, so that an old link never fails. */
export function rosterQuery({ searchParams }: URL) {
  const get = (name: string) => searchParams.get(name) || undefined;
  return {
    q: get("q")?.slice(0, 100),
    status: (["active", "completed"] as const).find((status) => status === get("status")),
    sort: sorts.find((sort) => sort === get("sort")) ?? "name",
    order: (["asc", "desc"] as const).find((order) => order === get("order")),
    cursor: get("cursor"),
    limit: 50,
  };
}
