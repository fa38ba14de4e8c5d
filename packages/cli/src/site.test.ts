import { Isolation } from "@lectern/functions/isolation";
import { expect, test } from "vitest";
import { openSite } from "./site.ts";

test("no loader and no form gives access without a right, or reveals another school", async () => {
  const site = await openSite(() => {});
  const result = await Isolation.withStage((stage) => Isolation.runOn(stage, { site, only: "none of the API" }));
  expect(result.findings).toEqual([]);
  expect(result.routes).toBeGreaterThan(60);
  expect(result.calls).toBeGreaterThan(2500);
}, 600_000);

test("the check finds a page and a form without a policy", async () => {
  const route = { id: "routes/new", parentId: undefined, path: "new-page", isIndex: false };
  const site = {
    routes: [{ ...route, hasLoader: true, hasAction: true, hasPage: true }],
    fetch: async () => new Response(""),
  };
  const result = await Isolation.withStage((stage) => Isolation.runOn(stage, { site, only: "none of the API" }));
  expect(result.findings.map((finding) => finding.route)).toEqual(["GET /new-page", "POST /new-page"]);
}, 60_000);

// Without this test, a site that refuses every request, or receives none, would pass.
test("the check finds a page that answers everyone", async () => {
  const route = { parentId: undefined, isIndex: false, hasLoader: true, hasAction: false, hasPage: true };
  const site = {
    routes: [{ ...route, id: "routes/audit", path: "admin/audit" }],
    fetch: async () => new Response("everything"),
  };
  const result = await Isolation.withStage((stage) => Isolation.runOn(stage, { site, only: "none of the API" }));
  expect(result.leaks).toBeGreaterThan(5);
}, 60_000);
