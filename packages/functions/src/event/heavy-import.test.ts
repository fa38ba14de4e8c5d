import { createId } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { CourseImport } from "@lectern/core/learn/course-import";
import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { afterEach, expect, test } from "vitest";
import { courseImport } from "./reactions/course-import.ts";

afterEach(() => {
  delete process.env.LECTERN_JOBS;
});

/** An upload of so many bytes that was asked to be imported, and what its event, of so many seconds ago, comes to. */
async function imported(bytes: number, secondsAgo: number) {
  const school = await aSchool();
  const importId = createId("import");
  await asUser(school, { roles: ["instructor"] }, async () => {
    const key = Storage.key("import", importId, "package.zip");
    await Storage.put({ bucket: "packages", key, body: Buffer.alloc(bytes), contentType: "application/octet-stream" });
    await CourseImport.start({ importId });
  });
  const detail = {
    ...{ id: createId("event"), type: "course_import.requested", version: 1, schoolId: school.schoolId },
    ...{ actor: { type: "public", id: null }, correlationId: "test", causationId: null, data: { importId } },
    occurredAt: new Date(Date.now() - secondsAgo * 1000).toISOString(),
  };
  const body = JSON.stringify({ id: "m", source: "lectern.course", "detail-type": detail.type, detail });
  const { batchItemFailures } = await courseImport.handler({ Records: [{ messageId: "m", body }] });
  const { status } = await asSystem(school, () => CourseImport.get({ importId }));
  return { isLeft: batchItemFailures.length > 0, status };
}

test("a heavy package is left to its task where there are tasks, and taken up when that did not begin", {
  timeout: 60_000,
}, async () => {
  const heavy = CourseImport.heavyBytes + 1;
  process.env.LECTERN_JOBS = "1";
  expect(await imported(heavy, 5)).toEqual({ isLeft: true, status: "queued" });
  // Nothing but zeros: read, and refused.
  expect(await imported(heavy, 200)).toEqual({ isLeft: false, status: "failed" });
  expect(await imported(1_000, 5)).toEqual({ isLeft: false, status: "failed" });
  delete process.env.LECTERN_JOBS;
  expect(await imported(heavy, 5)).toEqual({ isLeft: false, status: "failed" });
});
