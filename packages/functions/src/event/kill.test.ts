import { spawn } from "node:child_process";
import { join } from "node:path";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { certificateTable } from "@lectern/core/learn/certificate/certificate.sql";
import { enrollmentTable } from "@lectern/core/learn/enrollment/enrollment.sql";
import { Progress } from "@lectern/core/learn/progress";
import { aClass, type Class } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { Notify } from "@lectern/core/talk/notify";
import { bundleProgram, type Program } from "@lectern/local/program";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { asPublic } from "@lectern/tenants/testing";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownCloud, settle } from "./testing/own-cloud.ts";

// A worker in a process of its own is killed with SIGKILL between every two of its steps; another one goes on. No mail
// twice, no certificate twice, nothing lost.

const steps = [
  "relay: published",
  "course-completed: begin",
  "course-completed: noted",
  "course-completed: issued",
  "course-completed: marked",
  "course-completed: end",
  "certificate: begin",
  "mail: claimed",
  "mail: written",
  "mail: sending",
  "mail: accepted",
  "certificate: end",
];

let cloud: Awaited<ReturnType<typeof ownCloud>>;
let worker: Program;

beforeAll(async () => {
  cloud = await ownCloud({ "mail/settle-seconds": "4" });
  worker = await bundleProgram(join(import.meta.dirname, "testing", "child.ts"));
  await Provision.refill({ target: 4 });
}, 120_000);
afterAll(async () => {
  await Promise.all([Db.close(), Catalog.close()]);
  await cloud.stop();
  await worker.remove();
});

/** Runs a worker until it dies at that step, or has nothing to do. Answers whether it died. */
function work(step: string, without = ""): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker.file, step, without], {
      env: {
        ...process.env,
        ...worker.env,
        SST_RESOURCES_JSON: JSON.stringify(cloud.resources),
        LECTERN_LOG: "silent",
      },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      signal === "SIGKILL"
        ? resolve(true)
        : code === 0
          ? resolve(false)
          : reject(new Error(`worker ended with ${code}`)),
    );
  });
}

const mailsTo = async (email: string) =>
  (await cloud.mails()).filter(({ to }) => to.some((each) => each.includes(email)));

async function finished(): Promise<Class> {
  const each = await aClass(1);
  await each.asLearner(() => Progress.markDone({ courseId: each.courseId, lessonId: each.lesson(0) }));
  return each;
}

async function expectOnce(each: Class): Promise<void> {
  const certificates = await each.asPlatform(() => Db.use((tx) => tx.select().from(certificateTable)));
  expect(certificates).toHaveLength(1);
  const mails = await mailsTo(each.learner.email);
  expect(mails.map(({ subject }) => subject)).toEqual(["Your certificate: Algebra I"]);
  expect(mails[0]?.text).toContain(certificates[0]?.number);
  await each.asLearner(async () => {
    expect(await Notify.feed({})).toMatchObject({ unread: 1, items: [{ title: "You have completed Algebra I" }] });
  });
  const enrollments = await each.asPlatform(() =>
    Db.use((tx) => tx.select().from(enrollmentTable).where(eq(enrollmentTable.courseId, each.courseId))),
  );
  expect(enrollments).toMatchObject([{ status: "completed" }]);
}

test("killed between every two steps: one certificate, one mail, one notification", { timeout: 240_000 }, async () => {
  const seed = Number(process.env.LECTERN_TEST_SEED) || Date.now();
  const classes: Class[] = [];
  // What one kill leaves behind is in the way of the next, in another order each time.
  for (const step of shuffled(steps, seed)) {
    classes.push(await finished());
    expect(await work(step), `the worker should have died at “${step}” (seed ${seed})`).toBe(true);
  }
  await settle();
  for (const each of classes)
    await expectOnce(each).catch((cause) => Promise.reject(new Error(`seed ${seed}: ${cause.message}`, { cause })));
});

test("killed twice while it sends a link: the link in the one mail works", { timeout: 120_000 }, async () => {
  const each = await aClass(1);
  for (const step of ["mail: written", "mail: accepted"]) {
    const email = `kill-${createId("user").slice(-8)}@example.test`;
    await asPublic(each.school, () =>
      Identity.signUp({ email, password: "a long enough secret", givenName: "Nora", familyName: "New" }),
    );
    expect(await work(step)).toBe(true);
    await settle();
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(1);
    const token = /[?&]token=([^\s&]+)/.exec(mails[0]?.text ?? "")?.[1] ?? "";
    await asPublic(each.school, () =>
      Identity.verifyEmail({ token: decodeURIComponent(token), password: "a long enough secret" }),
    );
  }
});

// The planted fault: the same mails, with no consumer of the provider's events. It shows that a double mail is seen here, and
// what the guarantee rests on (docs/adr/0006-mail-once.md).
test("without the provider's word a doubtful mail is sent again", { timeout: 120_000 }, async () => {
  const each = await finished();
  expect(await work("mail: accepted", "mail-feedback")).toBe(true);
  await settle({ without: "mail-feedback" });
  expect(await mailsTo(each.learner.email)).toHaveLength(2);
  await settle();
});

function shuffled<T>(list: readonly T[], seed: number): T[] {
  let state = seed % 2147483647 || 1;
  return list
    .map((value) => {
      state = (state * 48271) % 2147483647;
      return { value, rank: state };
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
