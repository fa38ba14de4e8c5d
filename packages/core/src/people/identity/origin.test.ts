import { useActor, withActor } from "@lectern/core/kernel/actor";
import { aSchool, asPublic } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { requestOrigin } from "./origin.ts";

test.each([
  ["203.0.113.7", "203.0.113.x"],
  ["2001:db8::17", "2001:db8:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["::ffff:203.0.113.7", "203.0.113.x"],
  ["unknown", null],
])("a letter names the network of %s as %s, never the address", async (address, network) => {
  await asPublic(await aSchool(), () =>
    withActor({ ...useActor(), from: { userAgent: "", address } }, async () =>
      expect(requestOrigin()).toEqual({ device: null, network }),
    ),
  );
});
