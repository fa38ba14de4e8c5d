import { aSchool, asSystem, asUser } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { Db } from "../../kernel/db/index.ts";
import { Storage } from "../../kernel/storage/index.ts";
import { courseTable } from "./course.sql.ts";
import { Course } from "./index.ts";
import { aCourse, aPicture } from "./testing/index.ts";

const keys = async (part: string) => (await Storage.list({ prefix: `${Storage.key(part)}/` })).map(({ key }) => key);

test("files that no row leads to are swept, a standing course keeps its own", async () => {
  const school = await aSchool();
  const [kept, gone] = [await aCourse(school), await aCourse(school)];
  await asSystem(school, async () => {
    const picture = await aPicture(kept.id);
    await aPicture(gone.id);
    const waiting = Storage.key("upload", kept.id, "ast_nobody", "left.bin");
    await Storage.put({ key: waiting, body: "never confirmed", contentType: "application/octet-stream" });
    // As after a removal whose storage call failed: the rows are gone, the files are not.
    await Db.use((tx) => tx.delete(courseTable).where(eq(courseTable.id, gone.id)));
    expect(await keys("course")).toHaveLength(2);

    // An import's files come before its rows, and an upload may be confirmed at any moment, so recent files stay.
    expect(await Course.sweepFiles({})).toEqual({ deleted: 0 });
    expect(await keys("upload")).toEqual([waiting]);

    await new Promise((resolve) => setTimeout(resolve, 1100)); // times in S3 are whole seconds
    expect(await Course.sweepFiles({ hours: 0 })).toEqual({ deleted: 2 });
    expect(await keys("upload")).toEqual([]);
    expect(await keys("course")).toEqual([picture.key]);
    expect(await Course.sweepFiles({ hours: 0 })).toEqual({ deleted: 0 });
  });
});

test("nobody but the platform itself sweeps", async () => {
  const school = await aSchool();
  const { by } = await aCourse(school);
  await asUser(school, by, () =>
    expect(Course.sweepFiles({ hours: 0 })).rejects.toMatchObject({ kind: "forbidden", code: "permission.denied" }),
  );
});
