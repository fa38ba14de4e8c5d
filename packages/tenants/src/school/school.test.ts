import { randomBytes } from "node:crypto";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { OutboxItem } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { roleGrantTable, userTable } from "@lectern/core/people/identity/user.sql";
import { Settings } from "@lectern/core/people/settings";
import { eq, sql } from "drizzle-orm";
import { afterAll, describe, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { aSchool, asPublic, asSystem, asUser } from "../testing/index.ts";
import { tracesOf } from "../testing/traces.ts";
import { School } from "./index.ts";

afterAll(() => Promise.all([Db.close(), Catalog.close()]));

const unique = () => `s-${randomBytes(5).toString("hex")}`;
const application = (slug = unique()) => ({
  slug,
  name: "Ada Academy",
  owner: { email: "Ada@Example.test ", givenName: "Ada", familyName: "Lovelace", password: "a long enough sentence" },
  locale: "de",
  zone: "Europe/Zurich",
});

const events = (school: Pick<Route, "cell" | "schoolId">) =>
  Catalog.use(school.cell, async (tx) =>
    (
      await tx.execute<{ type: string }>(
        sql`select type from bus.outbox where school_id = ${school.schoolId} order by created_at, type`,
      )
    ).map(({ type }) => type),
  );

describe("opening", () => {
  test("makes an active school with its owner, settings, address and event", async () => {
    const input = application();
    const opened = await School.open(input);
    expect(opened).toMatchObject({ slug: input.slug, url: expect.stringContaining(`//${input.slug}.`) });
    const school = await Directory.byHost(`${input.slug}.localhost`);
    expect(school).toMatchObject({
      schoolId: opened.schoolId,
      name: "Ada Academy",
      state: "active",
      locale: "de",
      zone: "Europe/Zurich",
    });
    if (!school) return;
    await asSystem(school, async () => {
      const owners = await Db.use((tx) =>
        tx
          .select({ email: userTable.email, role: roleGrantTable.role })
          .from(userTable)
          .innerJoin(roleGrantTable, eq(roleGrantTable.userId, userTable.id)),
      );
      expect(owners).toEqual([{ email: "ada@example.test", role: "owner" }]);
      expect(await Settings.get({})).toMatchObject({ locale: "de", zone: "Europe/Zurich" });
    });
    expect((await events(school)).filter((type) => type === "school.created")).toHaveLength(1);
  });

  test("repeated with the same request returns the same school and publishes one event", async () => {
    const input = application();
    const first = await School.open(input);
    const second = await School.open(input);
    expect(second).toMatchObject({ schoolId: first.schoolId, url: first.url });
    const { cell } = await School.show({ slug: input.slug });
    expect((await events({ ...first, cell })).filter((type) => type === "school.created")).toHaveLength(1);
  });

  test("twice concurrently creates one school", async () => {
    const input = application();
    const all = await Promise.all(Array.from({ length: 5 }, () => School.open(input).catch((error: unknown) => error)));
    const ids = new Set(all.flatMap((one) => (one instanceof Error ? [] : [(one as School.Opened).schoolId])));
    expect(ids.size).toBe(1);
    const again = await School.open(input);
    expect(ids.has(again.schoolId)).toBe(true);
  });

  test("refuses a taken address and its look-alikes", async () => {
    const input = application(`m00n-${randomBytes(4).toString("hex")}`);
    await School.open(input);
    await expect(School.open({ ...input, owner: { ...input.owner, email: "eve@example.test" } })).rejects.toMatchObject(
      { kind: "conflict", code: "school.slug_taken", fields: { slug: expect.any(String) } },
    );
    await expect(School.open({ ...input, slug: input.slug.replaceAll("0", "o") })).rejects.toMatchObject({
      kind: "conflict",
      code: "school.slug_lookalike",
    });
  });

  test("of five concurrent requests for one address, one succeeds", async () => {
    const slug = unique();
    const results = await Promise.allSettled(
      [1, 2, 3, 4, 5].map((n) => {
        const input = application(slug);
        return School.open({ ...input, owner: { ...input.owner, email: `p${n}@example.test` } });
      }),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "school.slug_taken" });
  });

  test.each([
    [{ slug: "admin" }, "slug.reserved"],
    [{ slug: "аcme" }, "slug.lookalike"],
    [{ slug: "a" }, "slug.length"],
    [{ name: "a\u202eb" }, "input.invalid"],
    [{ zone: "Mars/Olympus" }, "input.invalid"],
    [{ owner: { email: "nobody", givenName: "A" } }, "input.invalid"],
    [{ owner: { email: "a@b.test", givenName: " " } }, "input.invalid"],
  ])("%j is refused with %s", async (change, code) => {
    await expect(School.open({ ...application(), ...change })).rejects.toMatchObject({ kind: "invalid", code });
  });

  test("with a weak password leaves no trace, and the address stays free", async () => {
    const input = application();
    const weak = { ...input, owner: { ...input.owner, password: "password" } };
    const steps: string[] = [];
    const parsed = School.OpenInput.parse(weak);
    // Refused before the first step, so that no reservation must be erased.
    await expect(School.openWith(parsed, (step) => void steps.push(step))).rejects.toMatchObject({
      kind: "invalid",
      fields: { password: expect.any(String) },
    });
    expect(steps).toEqual([]);
    expect(
      await tracesOf({
        schoolId: createId("school"),
        slug: input.slug,
        cell: "local-1",
        table: (await aSchool()).table,
      }),
    ).toEqual([]);
    expect((await School.open(input)).slug).toBe(input.slug);
  });
});

describe("suspending", () => {
  test("closes the gate at once, for cached routes too, and resuming opens it", async () => {
    const { slug } = await School.open(application());
    const stale = await Directory.byHost(`${slug}.localhost`);
    if (!stale) throw new Error("no school");
    const read = (route: Route) => asSystem(route, () => Db.use((tx) => tx.select().from(userTable)));
    expect(await School.suspend({ slug, reason: "unpaid" })).toMatchObject({ state: "suspended", reason: "unpaid" });
    await expect(read(stale)).rejects.toMatchObject({ kind: "suspended", code: "school.suspended" });
    expect(await Directory.byHost(`${slug}.localhost`)).toMatchObject({ state: "suspended", epoch: stale.epoch + 1 });
    expect(await School.suspend({ slug, reason: "still" })).toMatchObject({ epoch: stale.epoch + 1, reason: "still" });

    expect(await School.resume({ slug })).toMatchObject({ state: "active", reason: null, epoch: stale.epoch + 2 });
    await expect(read(stale)).rejects.toMatchObject({ code: "school.moved" });
    const fresh = await Directory.byHost(`${slug}.localhost`);
    expect(fresh && (await read(fresh))).toHaveLength(1);
  });

  test("an unknown address is not found", async () => {
    for (const act of [School.show, School.resume, School.remove])
      await expect(act({ slug: unique() })).rejects.toMatchObject({ kind: "not_found", code: "school.not_found" });
  });
});

describe("deleting", () => {
  test("leaves no trace, frees the address, and changes no other school", async () => {
    const neighbour = await aSchool();
    const input = application();
    const { slug, schoolId } = await School.open(input);
    const school = await Directory.byHost(`${slug}.localhost`);
    if (!school) throw new Error("no school");
    for (const owner of [school, neighbour])
      await asSystem(owner, async () => {
        const key = Storage.key("course", "a file.txt");
        await Storage.put({ key, body: "text", contentType: "text/plain" });
        await Storage.put({ key, body: "text", contentType: "text/plain", bucket: "packages" });
        await OutboxItem()
          .put({ schoolId: owner.schoolId, eventId: "evt_1", type: "a.b", envelope: "{}", shard: "0" })
          .go();
      });
    const before = await tracesOf(school);
    for (const kind of ["schema", "role", "gate", "ledger", "outbox", school.table, "media", "packages", "irectory"])
      expect(before.join("\n")).toContain(kind);
    const beside = await tracesOf(neighbour);

    expect(await School.remove({ slug })).toEqual({ schoolId, slug });
    expect(await tracesOf(school)).toEqual([]);
    expect(await tracesOf(neighbour)).toEqual(beside);
    await expect(asSystem(school, () => Db.use((tx) => tx.select().from(userTable)))).rejects.toMatchObject({
      code: "school.not_found",
    });
    expect(await Directory.byHost(`${slug}.localhost`)).toBeUndefined();
    expect((await School.open(input)).schoolId).not.toBe(schoolId);
  });
});

describe("listing", () => {
  test("returns every school by address, in pages", async () => {
    const mine = await Promise.all([aSchool(), aSchool(), aSchool()]);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await School.list({ limit: 2, ...(cursor && { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ slug }) => slug));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual([...seen].sort());
    for (const { slug } of mine) expect(seen).toContain(slug);
  });
});

describe("the brand", () => {
  test("an admin's change applies at once, with an audit entry and an event", async () => {
    const school = await aSchool();
    const changed = await asUser(school, { roles: ["admin"] }, () =>
      School.setBrand({ name: " New  Name ", accent: "#FFE100", font: "inter", radius: "round", tagline: "Learn" }),
    );
    expect(changed).toMatchObject({
      name: "New Name",
      brand: { accent: "#ffe100", font: "inter", radius: "round", tagline: "Learn", logo: null },
    });
    expect(await Directory.bySchool(school.schoolId)).toEqual(changed);
    expect(await events(school)).toContain("school.brand_changed");
    const cleared = await asUser(school, { roles: ["owner"] }, () => School.setBrand({ tagline: null }));
    expect(cleared.brand).toMatchObject({ tagline: null, accent: "#ffe100" });
  });

  test("accepts an uploaded logo, each with its own address, and can remove it", async () => {
    const school = await aSchool();
    await asUser(school, { roles: ["admin"] }, async () => {
      const upload = await School.uploadLogo({});
      await expect(School.confirmLogo({ logoId: upload.logoId })).rejects.toMatchObject({ code: "logo.not_uploaded" });
      await send(upload, dot, "Our sign.png");
      const { brand } = await School.confirmLogo({ logoId: upload.logoId });
      expect(brand.logo).toBe(`${school.schoolId}/brand/${upload.logoId}`);
      expect(await Storage.get({ key: brand.logo ?? "" })).toMatchObject({
        contentType: "image/png",
        bytes: dot.length,
      });
      expect(await Storage.list({ prefix: Storage.key("upload", "brand") })).toEqual([]);
      expect((await School.setBrand({ logo: null })).brand.logo).toBeNull();
    });
  });

  test("serves only confirmed logos, whatever the directory names", async () => {
    const place = await aSchool();
    const at = (...parts: string[]) => asSystem(place, async () => Storage.key(...parts));
    const put = (key: string, body: Uint8Array, contentType: string) =>
      asSystem(place, () => Storage.put({ key, body, contentType }));
    const read = (logo: string) =>
      asPublic({ ...place, brand: { ...place.brand, logo } }, async () => {
        const { body, ...head } = await School.readLogo({});
        for await (const _ of body);
        return head;
      });
    const [good, page, large, lesson, flat] = await Promise.all([
      at("brand", createId("asset")),
      at("brand", createId("asset")),
      at("brand", createId("asset")),
      at("course", createId("course"), createId("asset"), "a.png"),
      at("course", createId("asset")),
    ]);
    await put(good, dot, "image/png");
    await put(page, Buffer.from("<html>"), "text/html");
    await put(large, Buffer.alloc(512 * 1024 + 1), "image/png");
    await put(lesson, dot, "image/png");
    await put(flat, dot, "image/png");
    expect(await read(good)).toMatchObject({ contentType: "image/png", bytes: dot.length });
    for (const key of [page, large, lesson, flat, `${good}.gone`, "sch_00000000000000000000000000/brand/x"])
      await expect(read(key), key).rejects.toMatchObject({ kind: "not_found", code: "brand.no_logo" });
  });

  test("refuses HTML as a logo, and uploads of another school", async () => {
    const school = await aSchool();
    await asUser(school, { roles: ["admin"] }, async () => {
      const upload = await School.uploadLogo({});
      await send(upload, Buffer.from("<html><script>alert(1)</script></html>"), "a.png");
      const confirm = () => School.confirmLogo({ logoId: upload.logoId });
      await expect(confirm()).rejects.toMatchObject({
        kind: "invalid",
        code: "logo.not_a_picture",
        fields: { file: expect.stringContaining("PNG") },
      });
      await expect(confirm()).rejects.toMatchObject({ code: "logo.not_uploaded" });
    });
    await expect(asUser(school, { roles: ["instructor"] }, () => School.uploadLogo({}))).rejects.toMatchObject({
      kind: "forbidden",
    });
  });

  test("learners, instructors and visitors cannot change it", async () => {
    const school = await aSchool();
    for (const roles of [["learner"], ["instructor"], ["moderator"]] as const)
      await expect(asUser(school, { roles }, () => School.setBrand({ name: "Mine" }))).rejects.toMatchObject({
        kind: "forbidden",
      });
  });

  test.each([
    { accent: "not a color" },
    { font: "comic-sans" },
    { radius: "wavy" },
    { name: "a\nb" },
    { tagline: "a\u0000b" },
    { logo: "sch_00000000000000000000000000/logo.svg" },
    { logo: "../../etc/passwd" },
    { logoDark: "../../etc/passwd" },
    { logoHasName: "yes" },
  ])("%j is refused", async (change) => {
    const school = await aSchool();
    await expect(
      asUser(school, { roles: ["admin"] }, () => School.setBrand(change as Parameters<typeof School.setBrand>[0])),
    ).rejects.toMatchObject({ kind: "invalid" });
  });

  test("language and zone follow the settings", async () => {
    const school = await aSchool();
    await asSystem(school, async () => {
      await Settings.update({ locale: "fr", zone: "Europe/Paris" });
      await School.followSettings();
    });
    expect(await Directory.bySchool(school.schoolId)).toMatchObject({ locale: "fr", zone: "Europe/Paris" });
  });
});

/** The smallest PNG. */
const dot = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** Submits the form as a browser does. */
async function send({ url, fields }: Storage.Upload, body: Uint8Array, name: string): Promise<void> {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set("file", new Blob([new Uint8Array(body)]), name);
  expect((await fetch(url, { method: "POST", body: form })).status).toBeLessThan(300);
}
