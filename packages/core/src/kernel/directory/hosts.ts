import { Resource } from "sst";
import { HostItem, SchoolItem } from "./directory.entity.ts";

/** Returns every host of a school, uncached: its platform address and its own domains. Empty for a removed school. */
export async function hostsOf(schoolId: string): Promise<string[]> {
  const [{ data: school }, { data: own }] = await Promise.all([
    SchoolItem().get({ schoolId }).go({ consistent: true }),
    HostItem().query.bySchool({ schoolId }).go({ pages: "all" }),
  ]);
  // The edge sees a host without its port.
  const platform = Resource.Platform.domain.replace(/:\d+$/, "");
  return [...(school ? [`${school.slug}.${platform}`] : []), ...own.map(({ host }) => host)];
}
