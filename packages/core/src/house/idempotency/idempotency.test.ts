import { aSchool, asPublic } from "@lectern/tenants/testing";
import { expect, test } from "vitest";
import { DomainError } from "../../kernel/error/index.ts";
import { IdempotencyRecord } from "./idempotency.entity.ts";
import { Idempotency } from "./index.ts";

const input = { key: "key-of-a-test", scope: "usr_1 POST /things", request: "POST /things\n{}" };
const answer = (body: string) => async () => ({ status: 201, body });

test("the second call is answered by the first", async () => {
  await asPublic(await aSchool(), async () => {
    let runs = 0;
    const work = async () => ({ status: 201, body: `{"n":${++runs}}` });
    expect(await Idempotency.run(input, work)).toEqual({ status: 201, body: '{"n":1}', replayed: false });
    expect(await Idempotency.run(input, work)).toEqual({ status: 201, body: '{"n":1}', replayed: true });
    expect(runs).toBe(1);
  });
});

test("another request under the same key is refused", async () => {
  await asPublic(await aSchool(), async () => {
    await Idempotency.run(input, answer("{}"));
    await expect(Idempotency.run({ ...input, request: "other" }, answer("{}"))).rejects.toMatchObject({
      kind: "conflict",
      code: "idempotency.key_reused",
    });
  });
});

test("of many calls at once one works, the others hear that it does", async () => {
  await asPublic(await aSchool(), async () => {
    let runs = 0;
    const refused: unknown[] = [];
    const othersAnswered = Promise.withResolvers<void>();
    const slow = async () => {
      if (++runs > 1) othersAnswered.resolve();
      await othersAnswered.promise;
      return { status: 201, body: "{}" };
    };
    const call = () =>
      Idempotency.run(input, slow).catch((reason: unknown) => {
        if (refused.push(reason) === 19) othersAnswered.resolve();
      });
    await Promise.all(Array.from({ length: 20 }, call));
    expect(runs).toBe(1);
    expect(refused.length).toBe(19);
    for (const reason of refused) expect(reason).toMatchObject({ code: "idempotency.in_progress", retryAfter: 1 });
  });
});

test("a refusal is not kept: the next attempt runs anew", async () => {
  await asPublic(await aSchool(), async () => {
    const refuse = async () => {
      throw new DomainError("conflict", "thing.exists", "There is one.");
    };
    await expect(Idempotency.run(input, refuse)).rejects.toMatchObject({ code: "thing.exists" });
    const conflict = { status: 409, body: "{}" };
    expect(await Idempotency.run(input, async () => conflict)).toEqual({ ...conflict, replayed: false });
    expect((await Idempotency.run(input, answer("{}"))).replayed).toBe(false);
  });
});

test("an attempt that never came back is taken over once its time is up, by the same request only", async () => {
  const school = await aSchool();
  await asPublic(school, async () => {
    void Idempotency.run(input, () => new Promise(() => {}));
    await expect.poll(async () => (await stored(school.schoolId))?.state).toBe("running");
    await IdempotencyRecord()
      .patch({ schoolId: school.schoolId, scope: input.scope, key: input.key })
      .set({ heldUntil: Date.now() - 1 })
      .go();
    await expect(Idempotency.run({ ...input, request: "other" }, answer("{}"))).rejects.toMatchObject({
      code: "idempotency.key_reused",
    });
    expect((await Idempotency.run(input, answer("{}"))).replayed).toBe(false);
  });
});

test("an attempt that comes back after it was taken over changes neither the answer nor the hold", async () => {
  const school = await aSchool();
  await asPublic(school, async () => {
    for (const late of ["answers", "fails"]) {
      const mine = { ...input, key: `${input.key}-${late}` };
      let finish = () => {};
      const first = Idempotency.run(mine, async () => {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        if (late === "fails") throw new DomainError("conflict", "thing.exists", "There is one.");
        return { status: 201, body: '{"by":"first"}' };
      });
      const item = IdempotencyRecord();
      const id = { schoolId: school.schoolId, scope: mine.scope, key: mine.key };
      await expect.poll(async () => (await item.get(id).go({ consistent: true })).data?.state).toBe("running");
      await item
        .patch(id)
        .set({ heldUntil: Date.now() - 1 })
        .go();
      expect(await Idempotency.run(mine, answer('{"by":"second"}'))).toMatchObject({ replayed: false });
      finish();
      await first.catch(() => {});
      expect(await Idempotency.run(mine, answer("{}"))).toMatchObject({ body: '{"by":"second"}', replayed: true });
    }
  });
});

const stored = async (schoolId: string) =>
  (await IdempotencyRecord().get({ schoolId, scope: input.scope, key: input.key }).go({ consistent: true })).data;

test("another school's and another person's key is another key", async () => {
  const [one, other] = await Promise.all([aSchool(), aSchool()]);
  await asPublic(one, () => Idempotency.run(input, answer('{"of":"one"}')));
  await asPublic(other, async () => {
    expect((await Idempotency.run(input, answer('{"of":"other"}'))).body).toBe('{"of":"other"}');
    expect((await Idempotency.run({ ...input, scope: "usr_2 POST /things" }, answer("{}"))).replayed).toBe(false);
  });
});

test("a key that cannot be one is refused", async () => {
  await asPublic(await aSchool(), async () => {
    for (const key of ["short", "has a space in it", "x".repeat(129)]) {
      await expect(Idempotency.run({ ...input, key }, answer("{}"))).rejects.toMatchObject({
        code: "idempotency.key_invalid",
      });
    }
  });
});
