import { expect, test } from "vitest";
import { zonesFor } from "./zones.ts";

test.each(["UTC", "Asia/Kolkata", "Europe/Kyiv", "Etc/GMT+3"])(
  "a school in %s finds its zone in the list, once",
  (zone) => {
    expect(zonesFor(zone).filter((each) => each === zone)).toEqual([zone]);
    expect(zonesFor(zone)).toContain("Europe/Zurich");
  },
);

test("a person without a zone may choose UTC", () => {
  expect(zonesFor(null)).toContain("UTC");
});
