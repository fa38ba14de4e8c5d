import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import { Certificate } from "@lectern/core/learn/certificate";
import { Progress } from "@lectern/core/learn/progress";
import { aClass } from "@lectern/core/learn/progress/testing";
import { Identity } from "@lectern/core/people/identity";
import { emailTokenTable } from "@lectern/core/people/identity/identity.sql";
import { aSchool, asSystem, aUser } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { reconcileCertificates } from "../work/visits/reconcile-certificates.ts";
import { crons } from "./index.ts";

test("a certificate that was due is issued by the reconciliation, once", async () => {
  const each = await aClass(1);
  await each.asLearner(() => Progress.markDone({ courseId: each.courseId, lessonId: each.lesson(0) }));
  await each.asPlatform(reconcileCertificates);
  await each.asPlatform(reconcileCertificates);
  await each.asLearner(async () => expect((await Certificate.mine({})).items).toHaveLength(1));
});

test("what is over for a month is forgotten, what is not stays", async () => {
  const school = await aSchool();
  const { userId } = await aUser(school, { roles: ["learner"] });
  await asSystem(school, async () => {
    const token = (days: number) => ({
      ...{ id: createId("token"), userId, purpose: "verify_email" as const },
      expiresAt: new Date(Date.now() + days * 86_400_000),
    });
    await Db.use((tx) => tx.insert(emailTokenTable).values([token(-31), token(-29), token(1)]));
    await Identity.purgeTokens();
    expect(await Db.use((tx) => tx.select().from(emailTokenTable))).toHaveLength(2);
  });
});

test("every schedule has a name of its own", () => {
  expect(new Set(crons.map(({ name }) => name)).size).toBe(crons.length);
});
