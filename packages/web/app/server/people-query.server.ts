import { roleNames } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import { admin } from "../messages/en/admin.ts";

export const activities = [
  { value: "active_7d", label: admin("active7") },
  { value: "active_30d", label: admin("active30") },
  { value: "inactive_30d", label: admin("inactive30") },
  { value: "never", label: admin("never") },
] as const;

const oneOf = <T extends string>(value: string | null, allowed: readonly T[]): T | undefined =>
  allowed.find((candidate) => candidate === value);

/** Returns the address's filters. It ignores unknown values, so that an old link never fails. */
export function peopleQuery(url: URL) {
  const get = (name: string) => url.searchParams.get(name)?.trim() || undefined;
  return {
    q: get("q")?.slice(0, 100),
    role: oneOf(url.searchParams.get("role"), roleNames),
    department: get("department")?.slice(0, 80),
    activity: oneOf(
      url.searchParams.get("activity"),
      activities.map(({ value }) => value),
    ),
    // Bounced mail is a state of the address; the page offers it among the statuses.
    mail: oneOf(url.searchParams.get("status"), ["returned"] as const),
    status: oneOf(url.searchParams.get("status"), ["active", "suspended"] as const),
    sort: oneOf(url.searchParams.get("sort"), Identity.peopleSorts) ?? "name",
    order: oneOf(url.searchParams.get("order"), ["asc", "desc"] as const),
    cursor: get("cursor"),
    limit: 50,
  };
}
