import { Directory } from "@lectern/core/kernel/directory";
import { Audit } from "@lectern/core/people/audit";
import { Legal } from "@lectern/core/people/legal";
import { Settings } from "@lectern/core/people/settings";
import { School } from "@lectern/tenants/school";
import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

test("a page nobody has written is not there; a written one is rendered safely, dated and audited", async () => {
  const school = await aSchool();
  expect(await codeOf(asPublic(school, () => Legal.read({ page: "privacy" })))).toBe("legal.not_found");
  await asUser(school, { roles: ["admin"] }, async (userId) => {
    const text = "# Privacy\r\n\r\nWe keep *little*.<script>alert(1)</script>";
    const first = await Legal.update({ page: "privacy", text, version: 0 });
    expect(first).toMatchObject({ page: "privacy", version: 1, url: null });
    expect(await codeOf(Legal.update({ page: "privacy", text: "other", version: 0 }))).toBe("legal.stale");
    const { items } = await Audit.list({ action: "legal.changed" });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ actor: { type: "user", id: userId }, data: { page: "privacy" } });
  });
  const shown = await asPublic(school, () => Legal.read({ page: "privacy" }));
  expect(shown.title).toBe("Privacy");
  expect(shown.html).not.toContain("Privacy");
  expect(shown.html).toContain("<em>little</em>");
  expect(shown.html).not.toContain("script");
  expect(Date.parse(shown.changedAt)).toBeGreaterThan(0);
  await asSystem(school, () => Legal.update({ page: "privacy", text: "" }));
  expect(await codeOf(asPublic(school, () => Legal.read({ page: "privacy" })))).toBe("legal.not_found");
});

test("the route carries what is written and the contact, and forgets both again", async () => {
  const school = await aSchool();
  const routed = async () => {
    await asSystem(school, () => School.followSettings());
    return Directory.readSchool(school.schoolId);
  };
  await asSystem(school, async () => {
    await Legal.update({ page: "terms", text: "Be kind." });
    await Legal.update({ page: "imprint", text: "kept, not shown", url: "https://example.test/imprint" });
    await Settings.update({ contactEmail: " Help@Example.TEST " });
  });
  const route = await routed();
  expect(route).toMatchObject({
    contactEmail: "help@example.test",
    legal: { terms: "/legal/terms", imprint: "https://example.test/imprint" },
  });
  expect(route && Legal.linksOf(route, (path) => `https://school.test${path}`)).toEqual([
    { page: "terms", href: "https://school.test/legal/terms" },
    { page: "imprint", href: "https://example.test/imprint" },
    { page: "contact", href: "mailto:help@example.test" },
  ]);
  await asSystem(school, async () => {
    await Legal.update({ page: "terms", text: "" });
    await Legal.update({ page: "imprint", text: "" });
    await Settings.update({ contactEmail: null });
  });
  const bare = await routed();
  expect({ contactEmail: bare?.contactEmail, legal: bare?.legal }).toEqual({ contactEmail: null, legal: {} });
});

test("an address that is no https address is refused, and only who may change settings writes", async () => {
  const school = await aSchool();
  for (const url of ["javascript:alert(1)", "http://example.test", "https://", "example.test"])
    expect(await codeOf(asSystem(school, () => Legal.update({ page: "terms", url }))), url).toBe("input.invalid");
  expect(await codeOf(asSystem(school, () => Legal.update({ page: "terms", text: "x".repeat(60_001) })))).toBe(
    "input.invalid",
  );
  expect(await codeOf(asUser(school, { roles: ["instructor"] }, () => Legal.update({ page: "terms" })))).toBe(
    "permission.denied",
  );
  expect(await codeOf(asPublic(school, () => Legal.list()))).toBe("auth.required");
});
