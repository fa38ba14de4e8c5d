import { randomBytes, randomInt } from "node:crypto";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { Directory } from "@lectern/core/kernel/directory";
import { createId, type IdKind } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { categoryTable } from "@lectern/core/learn/category/category.sql";
import { Certificate } from "@lectern/core/learn/certificate";
import { certificateTable } from "@lectern/core/learn/certificate/certificate.sql";
import {
  assetTable,
  courseModuleTable,
  courseStaffTable,
  courseTable,
  lessonTable,
  textVersionTable,
} from "@lectern/core/learn/course/course.sql";
import { importTable } from "@lectern/core/learn/course-import/course-import.sql";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { apiKeyTable } from "@lectern/core/people/api-key/api-key.sql";
import { invitationTable, roleRequestTable } from "@lectern/core/people/identity/identity.sql";
import { Settings } from "@lectern/core/people/settings";
import { settingTable } from "@lectern/core/people/settings/settings.sql";
import { Domain } from "@lectern/tenants/domain";
import { School } from "@lectern/tenants/school";
import { type ActorName, actorNames, addPerson, aPerson, asSystem, kinds, type Person } from "./actors.ts";

/** Ids by the name a path, a query or a body gives them. */
export type Ids = Readonly<Record<string, string>>;

/** A school with everything in it that a request can name. */
export interface World {
  readonly school: Route;
  /** Rows the actors have to do with, as their relation says. Made anew when a leak has spoilt them. */
  own: Ids;
  /** Rows of the same school that none of them has to do with: a draft of somebody else, other people. */
  foreign: Ids;
  readonly people: Readonly<Record<Exclude<ActorName, "anonymous" | "stranger">, Person>>;
  /** A word that occurs only in this school's rows. */
  readonly canary: string;
}

/** Opens a throwaway school and fills it. */
export async function openWorld(name: string): Promise<World> {
  const slug = `check-${randomBytes(5).toString("hex")}`;
  const canary = `canary-${randomBytes(6).toString("hex")}`;
  await School.open({
    slug,
    name: `${name} ${canary}`,
    owner: { email: `owner@${slug}.test`, givenName: "Check", familyName: canary },
  });
  const school = await Directory.byHost(`${slug}.${Directory.platformHost()}`);
  if (!school) throw new Error(`the school ${slug} was opened and is not in the directory`);
  await asSystem(school, () => Settings.update({ instructorRequests: true }));
  const people = await addActors(school);
  const own = await makeRows(school, canary, { published: true, people });
  await makeRows(school, canary, { published: true, people: { ...people, instructor: people.guest } });
  const bystander = await aPerson(school, ["learner"], canary);
  const foreign = { ...(await makeRows(school, canary, { published: false })), sessionId: bystander.sessionId };
  return { school, own, foreign, people, canary };
}

export const closeWorld = (world: World): Promise<unknown> => School.remove({ slug: world.school.slug });

async function addActors(school: Route): Promise<World["people"]> {
  const names = actorNames.filter((name) => name !== "anonymous" && name !== "stranger");
  const people: Record<string, Person> = {};
  for (const name of names) people[name] = await aPerson(school, kinds[name].roles, name);
  return people as World["people"];
}

interface Rows {
  readonly published: boolean;
  /** Who teaches and learns; left out, it is people of its own. */
  readonly people?: World["people"];
}

/** A course with all that hangs on it, and one of each of the school's other rows. Two round trips' worth of writes. */
export async function makeRows(school: Route, canary: string, rows: Rows): Promise<Ids> {
  const ids = Object.fromEntries(
    (
      [
        "course",
        "courseModule",
        "lesson",
        "asset",
        "import",
        "enrollment",
        "certificate",
        "category",
        "invitation",
        "roleRequest",
        "apiKey",
        "textVersion",
      ] as const
    ).map((kind) => [kind, createId(kind)] as const),
  ) as Record<IdKind, string>;
  const tail = randomBytes(6).toString("hex");
  const number = aNumber();
  const host = `${tail}.check.edu`;
  await Domain.claim(school.schoolId, host);
  const logoId = await aLogo(school);
  return asSystem(school, () =>
    Db.use(async (tx) => {
      const learner = rows.people?.enrolled ?? (await addPerson(tx, ["learner"], canary));
      const instructor = rows.people?.instructor ?? (await addPerson(tx, ["instructor"], canary));
      const assistant = rows.people?.assistant ?? (await addPerson(tx, ["assistant"], canary));
      const guest = rows.people?.guest ?? instructor;
      const assistants = guest === instructor ? [assistant] : [assistant, guest];
      // Somebody whom a request may edit, suspend or give a role.
      const someone = await addPerson(tx, ["learner"], canary);
      const teacher = await addPerson(tx, ["instructor"], canary);
      const status = rows.published ? "published" : "draft";
      await tx
        .insert(categoryTable)
        .values({ id: ids.category, slug: `c-${tail}`, name: `${canary} ${tail}`, position: 0 });
      await tx.insert(courseTable).values({
        id: ids.course,
        slug: `course-${tail}`,
        title: `Course ${canary}`,
        status,
        categoryId: ids.category,
        createdBy: instructor.userId,
        lessonCount: 2,
        minutes: 2,
        publishedAt: rows.published ? new Date() : null,
      });
      await tx
        .insert(courseStaffTable)
        .values([
          { courseId: ids.course, userId: instructor.userId, role: "instructor" },
          ...assistants.map(({ userId }) => ({ courseId: ids.course, userId, role: "assistant" as const })),
        ]);
      const secondModule = createId("courseModule");
      await tx.insert(courseModuleTable).values([
        { id: ids.courseModule, courseId: ids.course, title: canary, position: 0 },
        { id: secondModule, courseId: ids.course, title: "Second", position: 1 },
      ]);
      const lesson = {
        courseId: ids.course,
        format: "markdown" as const,
        source: canary,
        html: `<p>${canary}<img src="/media/${ids.asset}/a.png"></p>`,
        status: "published" as const,
      };
      const secondLesson = createId("lesson");
      await tx.insert(lessonTable).values([
        { ...lesson, id: ids.lesson, moduleId: ids.courseModule, slug: "first", title: `First ${canary}`, position: 0 },
        { ...lesson, id: secondLesson, moduleId: secondModule, slug: "second", title: "Second", position: 0 },
      ]);
      const version = { id: ids.textVersion, courseId: ids.course, texts: { title: canary, summary: canary } };
      await tx.insert(textVersionTable).values(version);
      await tx.insert(assetTable).values({
        id: ids.asset,
        courseId: ids.course,
        path: "a.png",
        fileName: "a.png",
        contentType: "image/png",
        bytes: 1,
        sha256: "0".repeat(64),
        key: `${school.schoolId}/course/${ids.course}/${ids.asset}/a.png`,
      });
      await tx.insert(importTable).values({
        id: ids.import,
        packageKey: "",
        fileName: `${canary}.zip`,
        status: "done",
        percent: 100,
        createdBy: instructor.userId,
      });
      const leaver = rows.people?.leaver ?? (await addPerson(tx, ["learner"], canary));
      await tx.insert(enrollmentTable).values([
        { id: ids.enrollment, courseId: ids.course, userId: learner.userId },
        { id: createId("enrollment"), courseId: ids.course, userId: leaver.userId, status: "withdrawn" },
      ]);
      await tx.insert(certificateTable).values({
        id: ids.certificate,
        number,
        enrollmentId: ids.enrollment,
        courseId: ids.course,
        userId: learner.userId,
        learnerName: canary,
        courseTitle: canary,
        schoolName: canary,
        lessons: 2,
        minutes: 2,
      });
      await tx.insert(invitationTable).values({
        id: ids.invitation,
        email: `${tail}@check.test`,
        roles: ["learner"],
        expiresAt: new Date(Date.now() + 86_400_000),
      });
      const key = { id: ids.apiKey, name: canary, userId: someone.userId, secretHash: "-", scopes: [] };
      await tx.insert(apiKeyTable).values(key);
      await tx
        .insert(settingTable)
        .values({ key: "legal.terms", value: { text: "Be kind.", html: "<p>Be kind.</p>", title: null, url: null } })
        .onConflictDoNothing();
      await tx.insert(roleRequestTable).values({ id: ids.roleRequest, userId: someone.userId, role: "instructor" });
      return {
        apiKeyId: ids.apiKey,
        assetId: ids.asset,
        categoryId: ids.category,
        courseId: ids.course,
        courseSlug: `course-${tail}`,
        importId: ids.import,
        invitationId: ids.invitation,
        lessonId: ids.lesson,
        lessonSlug: "first",
        page: "terms",
        logoId,
        learnerId: learner.userId,
        staffId: assistant.userId,
        teacherId: teacher.userId,
        teacherEmail: teacher.email,
        moduleId: ids.courseModule,
        number,
        roleRequestId: ids.roleRequest,
        userId: someone.userId,
        email: someone.email,
        fileName: "a.png",
        host,
        versionId: ids.textVersion,
      };
    }),
  );
}

/** A picture that waits to be the school's logo. */
async function aLogo(school: Route): Promise<string> {
  const logoId = createId("asset");
  const body = Buffer.from("R0lGODlhAQABAAAAACwAAAAAAQABAAA=", "base64");
  await asSystem(school, () =>
    Storage.put({ key: Storage.key("upload", "brand", logoId, "a.gif"), body, contentType: "image/gif" }),
  );
  return logoId;
}

/** A certificate number whose check characters are right. */
function aNumber(): string {
  const alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
  const body = Array.from({ length: 8 }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
  for (const a of alphabet)
    for (const b of alphabet) {
      const number = Certificate.parseNumber(`LRN${body}${a}${b}`);
      if (number) return number;
    }
  throw new Error("no check characters fit a certificate number");
}

/** Well-formed ids that nothing has. */
const unknownIds = (): Ids => ({
  versionId: createId("textVersion"),
  apiKeyId: createId("apiKey"),
  assetId: createId("asset"),
  categoryId: createId("category"),
  courseId: createId("course"),
  courseSlug: `course-${randomBytes(6).toString("hex")}`,
  importId: createId("import"),
  invitationId: createId("invitation"),
  lessonId: createId("lesson"),
  lessonSlug: "nowhere",
  page: "nowhere",
  logoId: createId("asset"),
  learnerId: createId("user"),
  staffId: createId("user"),
  teacherId: createId("user"),
  teacherEmail: `${randomBytes(6).toString("hex")}@check.test`,
  moduleId: createId("courseModule"),
  number: aNumber(),
  roleRequestId: createId("roleRequest"),
  userId: createId("user"),
  email: `${randomBytes(6).toString("hex")}@check.test`,
  fileName: "a.png",
  host: `${randomBytes(6).toString("hex")}.check.edu`,
  sessionId: createId("session"),
});

/** A well-formed id that nothing has, of the kind that a route calls so. One it does not know would pass for a refusal. */
export function unknownId(name: string): string {
  const id = unknownIds()[name];
  if (!id) throw new Error(`isolation/world.ts has no unknown id for ${name}`);
  return id;
}
