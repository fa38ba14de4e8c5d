import { Storage } from "@lectern/core/kernel/storage";
import { Audit } from "@lectern/core/people/audit";
import { aSchool, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { type Answer, type Call, signedIn, visitor } from "./testing/caller.ts";

const dot = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const picture = { fileName: "sign.png", contentType: "image/png" };

/** Uploads as the response says: the form's fields, then the file. */
async function send({ body: { url, fields } }: Answer, file: Uint8Array): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries<string>(fields)) form.set(name, value);
  form.set("file", new Blob([new Uint8Array(file)]), "sign.png");
  return (await fetch(url, { method: "POST", body: form })).status;
}

const begin = (call: Call, body: unknown = picture) => call("POST /school/logo", { body });

test("a program sets a logo: begin, upload, confirm; repeating it changes nothing", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const begun = await begin(call);
  expect(begun.status).toBe(201);
  const confirm = `POST /school/logo/${begun.body.logoId}/confirm`;
  const early = await call(confirm);
  expect([early.status, early.body.code]).toEqual([404, "logo.not_uploaded"]);
  expect(await send(begun, dot)).toBeLessThan(300);
  const confirmed = await call(confirm);
  const key = `${school.schoolId}/brand/${begun.body.logoId}`;
  expect([confirmed.status, confirmed.body.brand.logo]).toEqual([200, key]);
  expect((await call(confirm)).body.brand.logo).toBe(key);
  expect((await visitor(school)("GET /school")).body.brand.logo).toBe(key);
  await asUser(school, { roles: ["owner"] }, async () => {
    expect(await Storage.get({ key })).toMatchObject({ contentType: "image/png", bytes: dot.length });
    const { items } = await Audit.list({ action: "brand.changed", limit: 10 });
    expect(items.map(({ data }) => data)).toEqual([{ before: { logo: null }, after: { logo: key } }]);
  });
  expect((await call("PATCH /school/brand", { body: { logo: null } })).body.brand.logo).toBeNull();
});

test("one begin with an idempotency key yields one upload", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const headers = { "idempotency-key": `logo-${school.schoolId}` };
  const [first, second] = [
    await call("POST /school/logo", { body: picture, headers }),
    await call("POST /school/logo", { body: picture, headers }),
  ];
  expect(second.body.logoId).toBe(first.body.logoId);
});

test("a file that is no picture or too large is refused with its field, and deleted", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const asked = await begin(call, { fileName: "a.html", contentType: "text/html" });
  expect([asked.status, asked.body.code]).toEqual([422, "logo.not_a_picture"]);
  expect(Object.keys(asked.body.fields)).toEqual(["contentType"]);

  const page = await begin(call);
  await send(page, Buffer.from("<html><script>alert(1)</script></html>"));
  const refused = await call(`POST /school/logo/${page.body.logoId}/confirm`);
  expect([refused.status, refused.body.code]).toEqual([422, "logo.not_a_picture"]);
  expect(Object.keys(refused.body.fields)).toEqual(["file"]);
  expect((await call(`POST /school/logo/${page.body.logoId}/confirm`)).body.code).toBe("logo.not_uploaded");

  // S3 refuses files over the form's limit; confirmation refuses what still got in.
  expect(await send(await begin(call), Buffer.alloc(512 * 1024 + 1))).toBeGreaterThanOrEqual(400);
  const large = await begin(call);
  await asUser(school, { roles: ["owner"] }, () =>
    Storage.put({
      key: large.body.key,
      body: Buffer.concat([dot, Buffer.alloc(512 * 1024)]),
      contentType: "image/png",
    }),
  );
  const tooLarge = await call(`POST /school/logo/${large.body.logoId}/confirm`);
  expect([tooLarge.status, tooLarge.body.code]).toEqual([413, "logo.too_large"]);
  expect(Object.keys(tooLarge.body.fields)).toEqual(["file"]);
  expect((await call("GET /school")).body.brand.logo).toBeNull();
});

test("only a confirmed upload becomes the logo, never another key of the school", async () => {
  const school = await aSchool();
  const { call } = await signedIn(school, ["admin"]);
  const begun = await begin(call);
  await send(begun, dot);
  const keys = [
    begun.body.key,
    `${school.schoolId}/course/crs_1/a.png`,
    `${school.schoolId}/brand/${begun.body.logoId}`,
  ];
  for (const field of ["logo", "logoDark"])
    for (const logo of keys) {
      const refused = await call("PATCH /school/brand", { body: { [field]: logo } });
      expect([refused.status, Object.keys(refused.body.fields)]).toEqual([422, [field]]);
    }
  expect((await call("GET /school")).body.brand).toMatchObject({ logo: null, logoDark: null });
});

test("a person without the permission cannot begin, and another school's upload is not found", async () => {
  const [school, other] = [await aSchool(), await aSchool()];
  for (const role of ["instructor", "moderator", "learner"] as const)
    expect((await begin((await signedIn(school, [role])).call)).status).toBe(403);
  expect((await begin(visitor(school))).status).toBe(401);
  const theirs = await begin((await signedIn(other, ["admin"])).call);
  await send(theirs, dot);
  const taken = await (await signedIn(school, ["admin"])).call(`POST /school/logo/${theirs.body.logoId}/confirm`);
  expect([taken.status, taken.body.code]).toEqual([404, "logo.not_uploaded"]);
});
