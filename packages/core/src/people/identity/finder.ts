import { eq } from "drizzle-orm";
import * as z from "zod";
import * as RateLimit from "../../house/rate-limit/index.ts";
import { type Route, useSchool, withActor } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { Directory } from "../../kernel/directory/index.ts";
import { put, transact } from "../../kernel/dynamo/transact.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Secrets } from "../../kernel/secret/index.ts";
import { Url } from "../../kernel/url/index.ts";
import { inboxOf } from "./attempts.ts";
import { FinderEntry, FinderRequest } from "./finder.entity.ts";
import { Events } from "./identity.event.ts";
import { userTable } from "./user.sql.ts";
import { Email } from "./user.ts";

const lifetimeSeconds = 15 * 60;
const floorMs = 200;

const key = (): Promise<string> => Secrets.get("FinderKey");
const hashOf = async (email: string): Promise<string> => Secret.fingerprint(await key(), "finder", email);

/** Mails to one inbox, from any caller and any address. */
const perInbox = { bucket: "finder.mail", max: 5, perSeconds: 3600 } as const;

/**
 * Mails a person the schools that know their address ("find my school"); anyone may call it on the platform's own host.
 * The answer is the same without any school, and after too many mails to the inbox. The caller limits how often one
 * visitor asks.
 */
export const findSchools = fn.public(
  "asked on the platform's host; the answer goes to the inbox only",
  z.object({ email: Email, requestId: z.string().max(64).optional() }),
  async ({ email, requestId = createId("request") }) => {
    await Promise.all([ask(email, requestId), new Promise<void>((resolve) => setTimeout(resolve, floorMs))]);
  },
);

async function ask(email: string, requestId: string): Promise<void> {
  if (!(await RateLimit.take({ ...perInbox, key: await hashOf(inboxOf(email)) })).allowed) return;
  const [first] = await schoolsOf(email);
  if (!first) return;
  const finderId = createId("run");
  await FinderRequest()
    .create({
      finderId,
      email: Secret.encrypt(await key(), "finder", email),
      expiresAt: Math.floor(Date.now() / 1000) + lifetimeSeconds,
    })
    .go();
  // Events belong to a school, so the first school that knows the address carries the question to the consumer.
  await withActor({ type: "system", school: first, requestId, reason: "finder" }, () =>
    transact([put(Events.FinderRequested.item({ finderId }))]),
  );
}

/** For the consumer that sends the mail: the address and its schools. Null when the request has expired or was used. */
export const finderMail = fn.system(
  "the consumer that sends the mail",
  z.string(),
  async (finderId): Promise<{ email: string; schools: { name: string; url: string }[] } | null> => {
    const { data } = await FinderRequest().get({ finderId }).go({ consistent: true });
    if (!data || data.expiresAt * 1000 < Date.now()) return null;
    const email = Secret.decrypt(await key(), "finder", data.email);
    const schools = await schoolsOf(email);
    return { email, schools: schools.map((route) => ({ name: route.name, url: Url.schoolUrl(route) })) };
  },
);

/** For the consumer of `user.registered`: notes that the actor's school knows this person's address. */
export const indexForFinder = fn.system(
  "the consumer of user.registered",
  z.string(),
  async (userId): Promise<void> => {
    const email = await Db.use(async (tx) => {
      const [row] = await tx.select({ email: userTable.email }).from(userTable).where(eq(userTable.id, userId));
      return row?.email;
    });
    if (email)
      await FinderEntry()
        .upsert({ emailHash: await hashOf(email), schoolId: useSchool().schoolId })
        .go();
  },
);

/** Forgets that the actor's school knows this address; for erasing a person or the school. */
export const eraseFromFinder = fn.system("an erasure", Email, async (email): Promise<void> => {
  await FinderEntry()
    .delete({ emailHash: await hashOf(email), schoolId: useSchool().schoolId })
    .go();
});

async function schoolsOf(email: string): Promise<Route[]> {
  const { data } = await FinderEntry()
    .query.byEmail({ emailHash: await hashOf(email) })
    .go({ pages: "all" });
  const routes = await Promise.all(data.map(({ schoolId }) => Directory.bySchool(schoolId)));
  return routes.filter((route): route is Route => route?.state === "active");
}
