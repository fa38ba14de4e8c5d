import { Resource } from "sst";
import { HostItem, SchoolItem } from "./directory.entity.ts";

/**
 * Every host that leads to a school, as its visitors' browsers name it: its address on the platform, and its own domains.
 * Asked of the directory itself; none for a school that is gone.
 */
export async function hostsOf(schoolId: string): Promise<string[]> {
  const [{ data: school }, { data: own }] = await Promise.all([
    SchoolItem().get({ schoolId }).go({ consistent: true }),
    HostItem().query.bySchool({ schoolId }).go({ pages: "all" }),
  ]);
  // The edge sees a host without its port.
  const platform = Resource.Platform.domain.replace(/:\d+$/, "");
  return [...(school ? [`${school.slug}.${platform}`] : []), ...own.map(({ host }) => host)];
}
