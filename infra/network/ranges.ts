import { type WebRegion, webRegions } from "../stage.ts";

// All network ranges in one place, because peered networks must not overlap. The second region's database uses
// 10.1.0.0/16 (backup.ts).

export const range = "10.0.0.0/16";

/** Ranges of a region with only a page server: two zones, which every region has. */
export function farRanges(region: WebRegion) {
  const own = `10.${webRegions[region]}`;
  return {
    range: `${own}.0.0/16`,
    publicRanges: [`${own}.0.0/24`, `${own}.1.0/24`],
    privateRanges: [`${own}.4.0/22`, `${own}.8.0/22`],
  };
}
