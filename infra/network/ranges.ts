import { type WebRegion, webRegions } from "../stage.ts";

// Addresses of our networks, said in one place because peered networks must not overlap. The second region's database has
// 10.1.0.0/16 (backup.ts).

/** The stage's own network. */
export const range = "10.0.0.0/16";

/** Of a region that only the pages' server stands in: two zones, which every region has. */
export function farRanges(region: WebRegion) {
  const own = `10.${webRegions[region]}`;
  return {
    range: `${own}.0.0/16`,
    publicRanges: [`${own}.0.0/24`, `${own}.1.0/24`],
    privateRanges: [`${own}.4.0/22`, `${own}.8.0/22`],
  };
}
