import { aSchool, asPublic, asUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { Storage } from "../../kernel/storage/index.ts";
import { Course } from "./index.ts";
import { aCourse, aPicture, enrolled, pixel } from "./testing/index.ts";

/** What a browser does with the form. */
async function send(upload: Storage.Upload, body: Uint8Array, name: string, changes: Record<string, string> = {}) {
  const form = new FormData();
  for (const [field, value] of Object.entries({ ...upload.fields, ...changes })) form.set(field, value);
  form.set("file", new Blob([new Uint8Array(body)]), name);
  return fetch(upload.url, { method: "POST", body: form, redirect: "manual" });
}

test("an uploaded picture becomes a file of the course, by its content, and can be its cover", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  await asUser(school, course.by, async () => {
    const upload = await Course.uploadAsset({ courseId: course.id, kind: "cover" });
    expect((await send(upload, pixel, "My dot.png")).status).toBeLessThan(300);
    const confirm = () => Course.confirmAsset({ courseId: course.id, assetId: upload.assetId, kind: "cover" });
    const asset = await confirm();
    expect(asset).toEqual({
      ...{ id: upload.assetId, fileName: "My dot.png", contentType: "image/png", bytes: pixel.length },
      ...{ url: `/media/${upload.assetId}/My%20dot.png`, reference: `asset:${upload.assetId}` },
    });
    expect(await confirm()).toEqual(asset);
    expect((await Course.setCover({ courseId: course.id, assetId: asset.id })).coverUrl).toBe(asset.url);
    expect((await Course.assets({ courseId: course.id })).items).toEqual([asset]);
    const waiting = await Storage.list({ prefix: Storage.key("upload", course.id) });
    expect(waiting).toEqual([]);
  });
  await asPublic(school, async () => {
    const { coverUrl } = await Course.page({ courseIdOrSlug: course.id });
    const { url, contentType } = await Course.asset({ assetId: coverUrl?.split("/")[2] ?? "" });
    expect(contentType).toBe("image/png");
    const answer = await fetch(url);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(answer.headers.get("content-disposition")).toContain('inline; filename="My dot.png"');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(pixel);
  });
});

test("a page that calls itself a picture is refused as a cover, and as a file is served as bytes to save", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const html = Buffer.from("<html><script>alert(1)</script></html>");
  await asUser(school, course.by, async () => {
    const cover = await Course.uploadAsset({
      courseId: course.id,
      kind: "cover",
      fileName: "a.png",
      contentType: "image/png",
    });
    await send(cover, html, "a.png");
    await expect(
      Course.confirmAsset({ courseId: course.id, assetId: cover.assetId, kind: "cover" }),
    ).rejects.toMatchObject({ kind: "invalid", code: "asset.not_a_picture" });
    await expect(
      Course.confirmAsset({ courseId: course.id, assetId: cover.assetId, kind: "cover" }),
    ).rejects.toMatchObject({ kind: "not_found", code: "asset.not_uploaded" });
    const file = await Course.uploadAsset({ courseId: course.id, fileName: "../x.html", contentType: "text/html" });
    await send(file, html, "x.html");
    const asset = await Course.confirmAsset({ courseId: course.id, assetId: file.assetId });
    expect(asset).toMatchObject({ fileName: "x.html", contentType: "text/html" });
    const { url } = await Course.asset({ assetId: asset.id });
    const answer = await fetch(url);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
    await expect(
      Course.uploadAsset({ courseId: course.id, kind: "cover", contentType: "image/svg+xml" }),
    ).rejects.toMatchObject({ code: "asset.not_a_picture" });
  });
});

test("the upload form fixes its key, its type and its size", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    const upload = await Storage.presignUpload({
      ...{ bucket: "media", keyPrefix: Storage.key("upload", course.id, "x"), fileName: "a.png" },
      ...{ contentTypes: ["image/png"], maxBytes: 100, isWaiting: true },
    });
    expect(upload.key).toBe(`${school.schoolId}/upload/${course.id}/x/a.png`);
    const refused = [
      await send(upload, pixel, "a.png", { key: upload.key.replace("a.png", "b.png") }),
      await send(upload, pixel, "a.png", { key: `other/${upload.key}` }),
      await send(upload, pixel, "a.png", { "Content-Type": "text/html" }),
      await send(upload, pixel, "a.png", { tagging: upload.fields.tagging?.replace("waiting", "kept") ?? "" }),
      await send(upload, pixel, "a.png", { success_action_redirect: "https://elsewhere.example/" }),
      await send(upload, Buffer.alloc(101), "a.png"),
      await send(upload, Buffer.alloc(0), "a.png"),
    ];
    for (const answer of refused) expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await Storage.head({ key: upload.key })).toBeUndefined();
    expect((await send(upload, pixel, "a.png")).status).toBeLessThan(300);
    expect(await Storage.head({ key: upload.key })).toMatchObject({ bytes: pixel.length, contentType: "image/png" });
  });
});

test("a form for several types takes each of them and nothing else", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    const upload = await Course.uploadAsset({ courseId: course.id, kind: "cover" });
    expect(upload.fields["Content-Type"]).toBe("image/png");
    expect((await send(upload, pixel, "a.png", { "Content-Type": "text/html" })).status).toBe(403);
    expect((await send(upload, pixel, "a.jpg", { "Content-Type": "image/jpeg" })).status).toBe(204);
    const asset = await Course.confirmAsset({ courseId: course.id, assetId: upload.assetId, kind: "cover" });
    expect(asset.contentType).toBe("image/png");
  });
});

test("a file name that tries to leave its folder is not there to confirm", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    const upload = await Course.uploadAsset({ courseId: course.id });
    for (const name of ["../../../x.png", "a/b.png", ".."])
      await send(upload, pixel, "x", { key: upload.key.replace(Storage.fromBrowser, name) });
    await expect(Course.confirmAsset({ courseId: course.id, assetId: upload.assetId })).rejects.toMatchObject({
      code: "asset.not_uploaded",
    });
  });
});

test("a plain form comes back to the page it was on", async () => {
  const school = await aSchool();
  const course = await aCourse(school);
  await asUser(school, course.by, async () => {
    const redirect = "http://school.localhost:3000/studio/done?asset=1";
    const upload = await Course.uploadAsset({ courseId: course.id, kind: "cover", redirect });
    const answer = await send(upload, pixel, "a.png");
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toContain(redirect);
  });
});

test("files of a course are read by those who may read it, and uploaded by those who make it", async () => {
  const school = await aSchool();
  const open = await aCourse(school, { publish: true });
  const draft = await aCourse(school, { by: open.by });
  const [shown, hidden] = await asUser(school, open.by, () => Promise.all([aPicture(open.id), aPicture(draft.id)]));
  await asUser(school, open.by, () => Course.setCover({ courseId: open.id, assetId: shown.id }));
  await asUser(school, open.by, () => Course.setCover({ courseId: draft.id, assetId: hidden.id }));
  const upload = (courseId: string) => Course.uploadAsset({ courseId });
  await asPublic(school, async () => {
    expect((await Course.asset({ assetId: shown.id })).bytes).toBe(pixel.length);
    await expect(Course.asset({ assetId: hidden.id })).rejects.toMatchObject({ kind: "not_found" });
    await expect(upload(open.id)).rejects.toMatchObject({ kind: "unauthenticated" });
  });
  await asUser(school, { roles: ["learner"] }, async (userId) => {
    await expect(Course.asset({ assetId: hidden.id })).rejects.toMatchObject({ kind: "not_found" });
    await enrolled(school, draft.id, userId);
    expect((await Course.asset({ assetId: hidden.id })).fileName).toBe("a picture.png");
    await expect(upload(open.id)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(Course.assets({ courseId: open.id })).rejects.toMatchObject({ kind: "forbidden" });
  });
  await asUser(school, { roles: ["instructor"] }, async () => {
    await expect(upload(open.id)).rejects.toMatchObject({ kind: "forbidden" });
    await expect(upload(draft.id)).rejects.toMatchObject({ kind: "not_found" });
    const own = await aCourse(school);
    // An upload of one course is not there for another.
    await asUser(school, open.by, async () => {
      const { assetId, ...form } = await upload(open.id);
      await send(form, pixel, "a.png");
      await expect(Course.confirmAsset({ courseId: draft.id, assetId })).rejects.toMatchObject({ kind: "not_found" });
      await expect(Course.confirmAsset({ courseId: own.id, assetId })).rejects.toMatchObject({ kind: "not_found" });
    });
  });
  await asUser(await aSchool(), { roles: ["owner"] }, async () => {
    await expect(Course.asset({ assetId: shown.id })).rejects.toMatchObject({ kind: "not_found" });
    await expect(upload(open.id)).rejects.toMatchObject({ kind: "not_found" });
    await expect(Course.confirmAsset({ courseId: open.id, assetId: shown.id })).rejects.toMatchObject({
      kind: "not_found",
    });
  });
});

test("a file is as open as the most open lesson or cover that shows it", async () => {
  const school = await aSchool();
  const course = await aCourse(school, { publish: true });
  const at = (assetId: string) =>
    Course.asset({ assetId }).then(
      () => "open",
      (error: { kind: string }) => error.kind,
    );
  const names = ["cover", "description", "preview", "lesson", "draft", "unused", "attached"] as const;
  const files: Record<string, string> = {};
  const shared = await asUser(school, course.by, async () => {
    for (const name of names) files[name] = (await aPicture(course.id)).id;
    const module = await Course.addModule({ courseId: course.id, title: "Files" });
    const show = (name: string, options: { isPreview?: boolean; status?: "draft" | "published" } = {}) =>
      Course.addLesson({
        moduleId: module.id,
        title: name,
        source: `![x](asset:${files[name]})`,
        status: "published",
        ...options,
      });
    await Course.setCover({ courseId: course.id, assetId: files.cover ?? "" });
    const { version } = await Course.page({ courseIdOrSlug: course.id });
    const descriptionHtml = `<p>See <a href="/media/${files.description}/a.png">it</a></p>`;
    await Course.update({ courseId: course.id, version, descriptionHtml });
    await show("preview", { isPreview: true });
    await show("draft", { status: "draft" });
    await Course.addLesson({
      moduleId: module.id,
      title: "File",
      format: "file",
      source: files.attached ?? "",
      status: "published",
    });
    return show("lesson");
  });
  const seen = async () =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await at(files[name] ?? "")])));
  const open = { cover: "open", description: "open", preview: "open" };
  await asPublic(school, async () => {
    const closed = { lesson: "forbidden", attached: "forbidden", draft: "not_found", unused: "not_found" };
    expect(await seen()).toEqual({ ...open, ...closed });
  });
  await asUser(school, { roles: ["learner"] }, async (userId) => {
    expect(await seen()).toMatchObject({ ...open, lesson: "forbidden" });
    await enrolled(school, course.id, userId);
    expect(await seen()).toEqual({
      ...open,
      lesson: "open",
      attached: "open",
      draft: "not_found",
      unused: "not_found",
    });
  });
  const everything = Object.fromEntries(names.map((name) => [name, "open"]));
  await asUser(school, course.by, async () => expect(await seen()).toEqual(everything));
  await asUser(school, { roles: ["owner"] }, async () => expect(await seen()).toEqual(everything));
  // It follows what is saved: the lesson becomes a preview, then shows something else.
  const lessonId = shared.id;
  const update = (change: { isPreview?: boolean; source?: string }, version: number) =>
    asUser(school, course.by, () => Course.updateLesson({ lessonId, version, ...change }));
  const preview = await update({ isPreview: true }, shared.version);
  await asPublic(school, async () => expect(await at(files.lesson ?? "")).toBe("open"));
  await update({ source: `![x](asset:${files.unused})` }, preview.version);
  await asPublic(school, async () => {
    expect(await at(files.lesson ?? "")).toBe("not_found");
    expect(await at(files.unused ?? "")).toBe("open");
  });
});
