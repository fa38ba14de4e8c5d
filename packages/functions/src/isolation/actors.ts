import { type Route, withActor } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { createId } from "@lectern/core/kernel/id";
import type { Role } from "@lectern/core/kernel/permission";
import { Session, Token } from "@lectern/core/people/identity";
import { roleGrantTable, userTable } from "@lectern/core/people/identity/user.sql";

/** What ties an actor to the course of the world they are tried on. */
export type Relation = "none" | "left" | "enrolled" | "assistant" | "instructor";

interface Kind {
  readonly roles: readonly Role[];
  readonly relation: Relation;
}

/**
 * Who calls. Each but the last belongs to the school that is called. Relations are to the one course of the world;
 * kinds without one have nothing to do with it.
 */
export const kinds = {
  anonymous: { roles: [], relation: "none" },
  learner: { roles: ["learner"], relation: "none" },
  enrolled: { roles: ["learner"], relation: "enrolled" },
  /** Was enrolled and has withdrawn. */
  leaver: { roles: ["learner"], relation: "left" },
  assistant: { roles: ["assistant"], relation: "assistant" },
  moderator: { roles: ["moderator"], relation: "none" },
  instructor: { roles: ["instructor"], relation: "instructor" },
  /** Teaches another course and only assists on this one. */
  guest: { roles: ["instructor"], relation: "assistant" },
  colleague: { roles: ["instructor"], relation: "none" },
  billing: { roles: ["billing"], relation: "none" },
  admin: { roles: ["admin"], relation: "none" },
  owner: { roles: ["owner"], relation: "none" },
  /** The owner of the other school, with that school's token, at this school's address. */
  stranger: { roles: ["owner"], relation: "none" },
} as const satisfies Record<string, Kind>;

export type ActorName = keyof typeof kinds;
export const actorNames = Object.keys(kinds) as ActorName[];

export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  /** Value of the web's session cookie. */
  readonly cookie: string;
  readonly sessionId: string;
}

export const asSystem = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  withActor({ type: "system", school, requestId: createId("request"), reason: "isolation check" }, work);

/** Rows of a person of the school, with roles and without a password. */
export async function addPerson(
  tx: Db.Tx,
  roles: readonly Role[],
  name: string,
): Promise<{ userId: string; email: string }> {
  const userId = createId("user");
  const email = `${userId.slice(-10)}@check.test`;
  await tx
    .insert(userTable)
    .values({ id: userId, email, emailVerifiedAt: new Date(), givenName: name, familyName: "Check" });
  if (roles.length > 0) await tx.insert(roleGrantTable).values(roles.map((role) => ({ userId, role })));
  return { userId, email };
}

/** Signs a person in, to the API and to the web. */
export async function signIn(school: Route, person: { userId: string; email: string }): Promise<Person> {
  return asSystem(school, async () => {
    const [{ accessToken }, { cookie, sessionId }] = await Promise.all([
      Token.issue({ userId: person.userId }),
      Session.create({ userId: person.userId, userAgent: "isolation check" }),
    ]);
    return { ...person, token: accessToken, cookie, sessionId };
  });
}

/** A new person with these roles, signed in. */
export async function aPerson(school: Route, roles: readonly Role[], name = "Casual"): Promise<Person> {
  const made = await asSystem(school, () => Db.use((tx) => addPerson(tx, roles, name)));
  return signIn(school, made);
}
