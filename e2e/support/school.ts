import { Identity, Session } from "@lectern/core/identity";
import { Actor, type Route, type UserActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { Settings } from "@lectern/core/settings";
import { School } from "@lectern/tenants/school";
import type { BrowserContext } from "@playwright/test";
import { stage } from "./stage.ts";

/** Everybody's password in the journeys. */
export const password = "a long enough pass phrase";

export interface TestPerson {
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
}

export interface TestSchool {
  readonly route: Route;
  readonly owner: TestPerson;
  readonly at: (path?: string) => string;
  /** An account of this school, its e-mail verified. */
  readonly person: (role: Role, given?: { email?: string; givenName?: string }) => Promise<TestPerson>;
  /** Work in this process as somebody of the school: for setting a scene, never for what the journey is about. */
  readonly as: <T>(person: TestPerson, work: () => Promise<T>) => Promise<T>;
  /** The value of a new session's cookie. */
  readonly session: (person: TestPerson) => Promise<string>;
  /** Gives the browser a session cookie as it stands. */
  readonly setCookie: (context: BrowserContext, value: string) => Promise<void>;
  /** Signs the browser in without the sign-in pages, for journeys that are about something else. */
  readonly signIn: (context: BrowserContext, person: TestPerson) => Promise<void>;
}

/** Part of a name or an address that no other journey uses. */
export const unique = (): string => createId("run").slice(-10).toLowerCase();

/** A school of the journey's own, opened as the platform opens them. */
export async function openSchool(name = "Journey School"): Promise<TestSchool> {
  const slug = `j-${unique()}`;
  const email = `owner@${slug}.example`;
  const { schoolId } = await School.open({
    slug,
    name,
    owner: { email, givenName: "Olive", familyName: "Owner", password, emailVerified: true },
  });
  const route = await Directory.readSchool(schoolId);
  if (!route) throw new Error("the school that was just opened is not in the directory");
  const common = () => ({ school: route, requestId: createId("request") });
  const system = <T>(work: () => Promise<T>) =>
    Actor.withActor({ ...common(), type: "system", reason: "journey" }, work);
  // Schools that were opened before this was a choice take requests to teach.
  await system(async () => {
    await Settings.update({ instructorRequests: true });
    await School.followSettings();
  });
  const at = (path = "/") => `http://${slug}.${new URL(stage().url).host}${path}`;
  // `addCookies` always names a domain, which a `__Host-` cookie must not have.
  const setCookie = async (context: BrowserContext, value: string) => {
    const page = context.pages()[0] ?? (await context.newPage());
    const devtools = await context.newCDPSession(page);
    const { success } = await devtools.send("Network.setCookie", {
      ...{ name: "__Host-session", value, url: at().replace("http:", "https:") },
      ...{ path: "/", secure: true, httpOnly: true, sameSite: "Lax" },
    });
    if (!success) throw new Error("the browser refuses the session cookie");
    await devtools.detach();
  };
  const session = async ({ userId }: TestPerson) => (await system(() => Session.create({ userId }))).cookie;
  const [owner] = (await system(() => Identity.list({ role: "owner" }))).items;
  if (!owner) throw new Error("the school that was just opened has no owner");
  return {
    route,
    owner: { email, userId: owner.id, roles: ["owner"] },
    at,
    person: async (role, given = {}) => {
      const address = given.email ?? `${role}-${unique()}@${slug}.example`;
      const made = await system(() =>
        Identity.create({
          email: address,
          givenName: given.givenName ?? "Pat",
          familyName: "Person",
          roles: [role],
          password,
          notify: false,
        }),
      );
      return { userId: made.id, email: address, roles: [role] };
    },
    as: ({ userId, roles }, work) => {
      const actor: UserActor = {
        ...common(),
        type: "user",
        userId,
        sessionId: "journey",
        roles,
        permissions: permissionsOf(roles),
        locale: route.locale,
        zone: route.zone,
      };
      return Actor.withActor(actor, work);
    },
    session,
    setCookie,
    signIn: async (context, person) => setCookie(context, await session(person)),
  };
}
