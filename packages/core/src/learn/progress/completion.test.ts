import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompletionRule } from "./completion.ts";
import { complete, completion, type Fact, lowered, type Rules, share, standingOf } from "./completion.ts";

const rules = (...ids: string[]): Rules => rulesOf(ids.map((id) => [id, "done"]));
const rulesOf = (lessons: Iterable<readonly [string, CompletionRule]>): Rules => ({
  lessons: [...lessons].map(([id, rule]) => ({ id, slug: id, title: `Lesson ${id}`, module: "One", minutes: 5, rule })),
});

/** Replays a history as the product writes it: judges each act in the course at that moment. */
type Act =
  | { kind: "done"; lesson: number }
  | { kind: "opened"; lesson: number }
  | { kind: "reopen"; lesson: number }
  | { kind: "add"; lesson: number }
  | { kind: "remove"; lesson: number }
  | { kind: "earned"; lesson: number; how: "watched" | "passed" | "attended" }
  | { kind: "rule"; lesson: number; rule: CompletionRule }
  | { kind: "read" }
  | { kind: "reset" };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("done" as const), lesson: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("opened" as const), lesson: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reopen" as const), lesson: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("add" as const), lesson: fc.nat(11) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), lesson: fc.nat(11) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("earned" as const),
      lesson: fc.nat(11),
      how: fc.constantFrom("watched" as const, "passed" as const, "attended" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("rule" as const),
      lesson: fc.nat(11),
      rule: fc.constantFrom("done" as const, "opened" as const, "watched" as const, "passed" as const),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "read" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reset" as const }) },
);

function* play(acts: readonly Act[]) {
  const facts: Fact[] = [];
  const lessons = new Map<string, CompletionRule>(["0", "1", "2", "3"].map((id) => [id, "done"]));
  let era = 0;
  let at = 1;
  for (const a of acts) {
    at += 1;
    const now = () => rulesOf([...lessons].sort(([a], [b]) => (a < b ? -1 : 1)));
    const { round, doneIds, earned } = standingOf(facts);
    let mayFall = false;
    if (a.kind === "add") lessons.set(String(a.lesson), "done");
    if (a.kind === "rule" && lessons.has(String(a.lesson))) lessons.set(String(a.lesson), a.rule);
    if (a.kind === "remove") lessons.delete(String(a.lesson));
    if (a.kind === "opened") facts.push({ kind: "opened", era, lessonId: String(a.lesson), at });
    if (a.kind === "reset") {
      era += 1;
      mayFall = true;
      facts.push({ kind: "reset", era, at });
    }
    if (a.kind === "done" && lessons.has(String(a.lesson))) {
      const lessonId = String(a.lesson);
      if (!doneIds.includes(lessonId)) {
        const draft: Fact = { kind: "done", era, round, lessonId, at, percent: 0, total: 0 };
        const after = completion([...facts, draft], now());
        facts.push({ ...draft, percent: after.raw, total: after.total });
      }
    }
    if (a.kind === "earned" && lessons.has(String(a.lesson)) && !earned.includes(`${a.how}:${a.lesson}`)) {
      const draft: Fact = { kind: a.how, era, round, lessonId: String(a.lesson), at, percent: 0, total: 0 };
      const after = completion([...facts, draft], now());
      facts.push({ ...draft, percent: after.raw, total: after.total });
    }
    if (a.kind === "reopen" && lessons.has(String(a.lesson)) && doneIds.includes(String(a.lesson))) {
      const lessonId = String(a.lesson);
      const standing = standingOf(facts);
      const left = { ...standing, doneIds: doneIds.filter((id) => id !== lessonId), mark: undefined };
      const { percent, total } = lowered(standing.mark, complete(left, now()), at);
      facts.push({ kind: "reopened", era, round, lessonId, at, percent, total });
      mayFall = true;
    }
    // A percentage that rose through a removed lesson is recorded before it is shown.
    if (a.kind === "read") {
      const seen = completion(facts, now());
      const marked = standingOf(facts).mark?.percent ?? 0;
      if (seen.raw > marked) facts.push({ kind: "raised", era, round, at, percent: seen.raw, total: seen.total });
    }
    if (a.kind !== "add" && a.kind !== "remove" && a.kind !== "rule")
      yield { facts: [...facts], rules: now(), mayFall };
  }
}

describe("completion", () => {
  test("is an integer of 0 to 100, and 100 exactly when complete", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        for (const step of play(acts)) {
          const answer = completion(step.facts, step.rules);
          expect(Number.isInteger(answer.percent)).toBe(true);
          expect(answer.percent).toBeGreaterThanOrEqual(0);
          expect(answer.percent).toBeLessThanOrEqual(100);
          expect(answer.completed).toBe(answer.percent === 100);
          if (answer.remaining.length === 0 && answer.total > 0) expect(answer.completed).toBe(true);
          expect(answer.done + answer.remaining.length).toBe(answer.total);
        }
      }),
    );
  });

  test("never falls but by a reset or a tick taken back", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        // Only recorded percentages bind: the yielded steps are those the product shows.
        let shown = 0;
        for (const step of play([...acts].flatMap((a) => [a, { kind: "read" as const }]))) {
          const { percent } = completion(step.facts, step.rules);
          if (step.mayFall) shown = 0;
          expect(percent).toBeGreaterThanOrEqual(shown);
          shown = percent;
        }
      }),
    );
  });

  test("does not depend on the order of facts, nor on hearing one twice", () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), fc.integer(), (acts, seed) => {
        const last = [...play(acts)].at(-1);
        if (!last) return;
        const again = fc.sample(fc.shuffledSubarray(last.facts, { minLength: last.facts.length }), {
          seed,
          numRuns: 1,
        });
        const shuffled = [...(again[0] ?? []), ...last.facts.slice(0, 3)];
        expect(completion(shuffled, last.rules)).toEqual(completion(last.facts, last.rules));
      }),
    );
  });

  test("falls by one lesson's share when a tick is taken back, and rises again with it", () => {
    const facts: Fact[] = [
      { kind: "done", era: 0, lessonId: "a", at: 1, percent: 25, total: 4 },
      { kind: "done", era: 0, lessonId: "b", at: 2, percent: 50, total: 4 },
      { kind: "reopened", era: 0, round: 0, lessonId: "a", at: 3, percent: 25, total: 4 },
    ];
    const four = rules("a", "b", "c", "d");
    expect(completion(facts, four)).toMatchObject({ percent: 25, done: 1, completed: false });
    facts.push({ kind: "done", era: 0, round: 1, lessonId: "a", at: 4, percent: 50, total: 4 });
    expect(completion(facts, four)).toMatchObject({ percent: 50, done: 2 });
    // What was reached before lessons were added is not lost with one tick.
    expect(lowered({ percent: 80, total: 10, at: 1 }, { raw: 35, total: 20 }, 9)).toEqual({
      ...{ percent: 70, total: 10, at: 9 },
    });
  });

  test("a completed course stays completed when a tick is taken back", () => {
    const facts: Fact[] = [
      { kind: "done", era: 0, lessonId: "a", at: 1, percent: 50, total: 2 },
      { kind: "done", era: 0, lessonId: "b", at: 2, percent: 100, total: 2 },
      { kind: "reopened", era: 0, round: 0, lessonId: "b", at: 3, percent: 100, total: 2 },
    ];
    expect(completion(facts, rules("a", "b"))).toMatchObject({
      ...{ percent: 100, completed: true, done: 1 },
      explanation: "You have completed this course, and it stays completed. One is left: “Lesson b”.",
    });
    expect(standingOf(facts).mark?.at).toBe(2);
  });

  test("starts again after a reset, and old facts no longer count", () => {
    const facts: Fact[] = [
      { kind: "done", era: 0, lessonId: "a", at: 1, percent: 50, total: 2 },
      { kind: "done", era: 0, lessonId: "b", at: 2, percent: 100, total: 2 },
      { kind: "reset", era: 1, at: 3 },
    ];
    expect(completion(facts, rules("a", "b"))).toMatchObject({ percent: 0, completed: false, done: 0 });
    facts.push({ kind: "done", era: 1, lessonId: "b", at: 4, percent: 50, total: 2 });
    expect(completion(facts, rules("a", "b"))).toMatchObject({ percent: 50, completed: false, done: 1 });
  });

  test("keeps what was reached when lessons are added, and says so", () => {
    const facts: Fact[] = [
      { kind: "done", era: 0, lessonId: "a", at: 1, percent: 33, total: 3 },
      { kind: "done", era: 0, lessonId: "b", at: 2, percent: 67, total: 3 },
    ];
    const answer = completion(facts, rules("a", "b", "c", "d", "e"));
    expect(answer).toMatchObject({ percent: 67, raw: 40, completed: false });
    expect(answer.explanation).toBe(
      "You have finished 2 of 5 lessons. You had reached 67 %, and 2 new lessons were added since; what you reached stays. Three are left: “Lesson c”, “Lesson d” and “Lesson e”.",
    );
  });

  test("a completed course stays completed when lessons are added", () => {
    const facts: Fact[] = [{ kind: "done", era: 0, lessonId: "a", at: 1, percent: 100, total: 1 }];
    const answer = completion(facts, rules("a", "b"));
    expect(answer).toMatchObject({ percent: 100, completed: true });
    expect(answer.explanation).toBe(
      "You have completed this course, and it stays completed. 1 new lesson was added since. One is left: “Lesson b”.",
    );
  });

  test("says in words why it is what it is", () => {
    const ids = Array.from({ length: 23 }, (_, i) => String(i));
    const facts = ids
      .slice(0, 20)
      .map((lessonId, i): Fact => ({ kind: "done", era: 0, lessonId, at: i, percent: share(i + 1, 23), total: 23 }));
    expect(completion(facts, rules(...ids)).explanation).toBe(
      "You have finished 20 of 23 lessons (87 %). Three are left: “Lesson 20”, “Lesson 21” and “Lesson 22”.",
    );
    expect(completion([], rules("a", "b")).explanation).toBe(
      "You have not finished a lesson yet. Two are left: “Lesson a” and “Lesson b”.",
    );
    expect(completion([], rules()).explanation).toBe("This course has no lessons yet.");
  });

  test("is never 100 while one of many is left, and never 0 once one is done", () => {
    expect(share(299, 300)).toBe(99);
    expect(share(1, 300)).toBe(1);
    expect(share(0, 300)).toBe(0);
    expect(share(300, 300)).toBe(100);
    expect(share(0, 0)).toBe(0);
  });

  test("each lesson is completed by its own rule, and by no other fact", () => {
    const five = rulesOf([
      ["a", "done"],
      ["b", "opened"],
      ["c", "watched"],
      ["d", "passed"],
      ["e", "attended"],
    ]);
    const earn = (kind: "done" | "watched" | "passed" | "attended", lessonId: string): Fact => {
      return { kind, era: 0, lessonId, at: 1, percent: 0, total: 5 };
    };
    const opened: Fact[] = ["a", "b", "c", "d", "e"].map((lessonId) => ({ kind: "opened", era: 0, lessonId, at: 1 }));
    const wrong = [
      earn("watched", "a"),
      earn("done", "b"),
      earn("passed", "c"),
      earn("attended", "d"),
      earn("done", "e"),
    ];
    expect(completion([...opened, ...wrong], five)).toMatchObject({ done: 1, doneIds: ["b"] });
    const right = [earn("done", "a"), earn("watched", "c"), earn("passed", "d"), earn("attended", "e")];
    expect(completion(right, five)).toMatchObject({ done: 4, raw: 80, doneIds: ["a", "c", "d", "e"] });
    expect(completion([], five).remaining.map(({ reason }) => reason)).toEqual(Array(5).fill("Not opened yet."));
    expect(completion(opened, five).remaining.map(({ reason }) => reason)).toEqual([
      "Opened, not marked done yet.",
      "Opened, not watched to the end yet.",
      "Opened, not passed yet.",
      "Opened, not attended yet.",
    ]);
    // A rule that changes takes nothing back of what was reached.
    const reached = [...right, { ...earn("passed", "d"), percent: 80 }];
    expect(completion(reached, rulesOf(five.lessons.map(({ id }) => [id, "watched"])))).toMatchObject({
      ...{ percent: 80, raw: 20 },
    });
  });

  test("an opened lesson is named as such among what is left", () => {
    const [left] = completion([{ kind: "opened", era: 0, lessonId: "a", at: 1 }], rules("a")).remaining;
    expect(left?.reason).toBe("Opened, not marked done yet.");
  });
});
