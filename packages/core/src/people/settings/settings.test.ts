import { Audit } from "@lectern/core/people/audit";
import { Settings } from "@lectern/core/people/settings";
import { aSchool, asPublic, asSystem, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? error,
  );

test("a new school is open, in its own language and zone", async () => {
  const school = await aSchool();
  expect(await asSystem(school, () => Settings.get())).toEqual({
    signUp: { mode: "open", domains: [] },
    locale: "en",
    zone: "UTC",
    contactEmail: null,
    postalAddress: null,
    instructorRequests: true,
    version: 0,
  });
});

test("a change keeps what it does not name, is audited, and refuses who has seen an older version", async () => {
  const school = await aSchool();
  await asUser(school, { roles: ["admin"] }, async (userId) => {
    const first = await Settings.update({ zone: "Europe/Zurich", version: 0 });
    expect(first).toMatchObject({ zone: "Europe/Zurich", signUp: { mode: "open" } });
    const second = await Settings.update({
      signUp: { mode: "domain", domains: ["@Example.ORG", "münchen.example"] },
      version: first.version,
    });
    expect(second).toMatchObject({
      zone: "Europe/Zurich",
      signUp: { mode: "domain", domains: ["example.org", "xn--mnchen-3ya.example"] },
    });
    expect(await codeOf(Settings.update({ locale: "de", version: first.version }))).toBe("settings.stale");
    const { items } = await Audit.list({ action: "settings.changed" });
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ actor: { type: "user", id: userId }, target: { type: "school" } });
  });
});

test("two changes at the same moment: one wins, the other is told", async () => {
  const school = await aSchool();
  const outcomes = await Promise.all(
    ["de", "fr"].map((locale) => codeOf(asSystem(school, () => Settings.update({ locale, version: 0 })))),
  );
  expect(outcomes.sort()).toEqual(["done", "settings.stale"]);
});

test("nonsense is refused field by field, and people without the right see nothing", async () => {
  const school = await aSchool();
  const update = (input: Parameters<typeof Settings.update>[0]) =>
    codeOf(asSystem(school, () => Settings.update(input)));
  expect(await update({ zone: "Mars/Olympus" })).toBe("input.invalid");
  expect(await update({ locale: "not a language" })).toBe("input.invalid");
  expect(await update({ signUp: { mode: "domain", domains: [] } })).toBe("input.invalid");
  expect(await update({ signUp: { mode: "domain", domains: ["no dots"] } })).toBe("input.invalid");
  expect(await codeOf(asUser(school, { roles: ["instructor"] }, () => Settings.get()))).toBe("permission.denied");
  expect(await codeOf(asPublic(school, () => Settings.update({ locale: "de" })))).toBe("auth.required");
  expect(await asPublic(school, () => Settings.signUp())).toEqual({
    mode: "open",
    domains: [],
    instructorRequests: true,
  });
});

test("the trail is paged newest first, and only those who may read it do", async () => {
  const school = await aSchool();
  await asSystem(school, async () => {
    for (let n = 0; n < 5; n++)
      await Audit.record({ action: "test.done", targetType: "school", targetId: String(n), data: { n } });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await Audit.list({ action: "test.done", limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ target }) => target.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(["4", "3", "2", "1", "0"]);
  });
  expect(await codeOf(asUser(school, { roles: ["learner"] }, () => Audit.list({})))).toBe("permission.denied");
});
