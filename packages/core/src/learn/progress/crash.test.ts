import { expect, test } from "vitest";
import { Aws } from "../../kernel/aws/index.ts";
import { Progress } from "./index.ts";
import { readFacts, readStored } from "./store.ts";
import { aClass, type Class } from "./testing/index.ts";
import { unpublished } from "./testing/outbox.ts";

// Recording a fact may stop between any two steps, or lose the database's answer. Here the n-th call to DynamoDB fails,
// before or after its write; whatever answer the caller gets, fact, summary and event must agree.

interface Fault {
  /** Which call, counted from 1. */
  readonly call: number;
  readonly moment: "before" | "after";
}

class Cut extends Error {}

/** Runs `work` with that call failing. Answers whether the fault was reached. */
async function withFault(fault: Fault, work: () => Promise<unknown>): Promise<boolean> {
  let calls = 0;
  let isReached = false;
  const name = "cut";
  Aws.schoolDynamodb().middlewareStack.add(
    (next) => async (args) => {
      calls += 1;
      if (calls !== fault.call) return next(args);
      isReached = true;
      if (fault.moment === "before") throw new Cut();
      await next(args);
      throw new Cut();
    },
    { step: "initialize", name, override: true },
  );
  try {
    await work().catch((error: unknown) => {
      if (!(error instanceof Cut) && !((error as Error).cause instanceof Cut)) throw error;
    });
  } finally {
    Aws.schoolDynamodb().middlewareStack.remove(name);
  }
  return isReached;
}

async function consistent(each: Class, acknowledged: readonly string[]): Promise<void> {
  const place = { courseId: each.courseId, userId: each.learner.userId };
  await each.asPlatform(async () => {
    const facts = (await readFacts(place)).filter((fact) => fact.kind === "done");
    const stored = await readStored(place);
    const told = (await unpublished("lesson.completed")).map((event) =>
      String((event.data as { lessonId: string }).lessonId),
    );
    const ids = facts.map((fact) => ("lessonId" in fact ? fact.lessonId : "")).sort();
    expect([...stored.doneIds].sort()).toEqual(ids);
    expect([...told].sort()).toEqual(ids);
    for (const lessonId of acknowledged) expect(ids).toContain(lessonId);
    const completed = await unpublished("course.completed");
    expect(completed).toHaveLength(ids.length === each.lessonIds.length ? 1 : 0);
    expect((await Progress.recompute(place)).agreed).toBe(true);
  });
}

test("cut at every step, before and after: fact, summary and events agree, and trying again ends well", async () => {
  const each = await aClass(3);
  const { courseId } = each;
  let faults = 0;
  for (const [index, lessonId] of each.lessonIds.entries()) {
    for (let call = 1; ; call += 1) {
      let isReached = false;
      for (const moment of ["before", "after"] as const) {
        await each.asLearner(async () => {
          isReached = await withFault({ call, moment }, () => Progress.markDone({ courseId, lessonId }));
        });
        await consistent(each, each.lessonIds.slice(0, index));
        if (isReached) faults += 1;
      }
      if (!isReached) break;
    }
    await each.asLearner(async () => {
      const answer = await Progress.markDone({ courseId, lessonId });
      expect(answer.doneLessonIds).toContain(lessonId);
    });
    await consistent(each, each.lessonIds.slice(0, index + 1));
  }
  expect(faults).toBeGreaterThanOrEqual(each.lessonIds.length * 2);
  await each.asLearner(async () => expect(await Progress.of({ courseId })).toMatchObject({ percent: 100 }));
});

test("cut at every step of taking a tick back: fact and summary agree, and trying again ends well", async () => {
  const each = await aClass(2);
  const { courseId } = each;
  const lessonId = each.lesson(0);
  const place = { courseId, userId: each.learner.userId };
  for (const moment of ["before", "after"] as const) {
    for (let call = 1; ; call += 1) {
      let isReached = false;
      await each.asLearner(async () => {
        await Progress.markDone({ courseId, lessonId });
        isReached = await withFault({ call, moment }, () => Progress.reopen({ courseId, lessonId }));
      });
      await each.asPlatform(async () => expect((await Progress.recompute(place)).agreed).toBe(true));
      await each.asLearner(async () =>
        expect(await Progress.reopen({ courseId, lessonId })).toMatchObject({ percent: 0, doneLessonIds: [] }),
      );
      if (!isReached) break;
    }
  }
  await each.asPlatform(async () => expect((await Progress.recompute(place)).agreed).toBe(true));
});

// The planted bug: the same check must see a fact that was written without its summary.
test("a fact written apart from its summary is found, and put right", async () => {
  const each = await aClass(2);
  const place = { courseId: each.courseId, userId: each.learner.userId };
  const { factItem } = await import("./store.ts");
  await each.asPlatform(async () => {
    await factItem(place, {
      kind: "done",
      era: 0,
      lessonId: each.lesson(0),
      at: Date.now(),
      percent: 50,
      total: 2,
    }).go();
    expect(await Progress.recompute(place)).toMatchObject({ agreed: false, summary: { percent: 50, done: 1 } });
    expect(await Progress.recompute(place)).toMatchObject({ agreed: true });
  });
  await expect(consistent(each, [])).rejects.toThrow();
});
