import { Actor, type Route, type UserActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { Identity, Session } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import { School } from "@lectern/tenants/school";
import type { BrowserContext } from "@playwright/test";
import { stage } from "./stage.ts";

/** Password of every test account. */
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
  /** Creates an account of this school with a verified address. */
  readonly person: (role: Role, given?: { email?: string; givenName?: string }) => Promise<TestPerson>;
  /** Runs work in this process as a person of the school, to prepare a test and never as its subject. */
  readonly as: <T>(person: TestPerson, work: () => Promise<T>) => Promise<T>;
  readonly session: (person: TestPerson) => Promise<string>;
  /** Sets a session cookie without changing its value. */
  readonly setCookie: (context: BrowserContext, value: string) => Promise<void>;
  /** Signs the browser in without the sign-in pages. */
  readonly signIn: (context: BrowserContext, person: TestPerson) => Promise<void>;
}

/** Returns part of a name or address that no other test uses. */
export const unique = (): string => createId("run").slice(-10).toLowerCase();

/** Opens a school as the platform does. */
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
  // Older schools take teaching requests, so the test sets the same.
  await system(async () => {
    await Settings.update({ instructorRequests: true });
    await School.followSettings();
  });
  const at = (path = "/") => `http://${slug}.${new URL(stage().url).host}${path}`;
  // `addCookies` always sets a domain, which `__Host-` cookies forbid.
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
