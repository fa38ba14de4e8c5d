import AxeBuilder from "@axe-core/playwright";
import { Identity, Session } from "@lectern/core/identity";
import { Actor, type Route, type UserActor } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { permissionsOf, type Role } from "@lectern/core/kernel/permission";
import { School } from "@lectern/tenants/school";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";

export { expect };

const stage = () => JSON.parse(process.env.LECTERN_E2E ?? "{}") as { url: string; mailUrl: string };
export const platform = (path = "/"): string => `${stage().url}${path}`;

export const password = "a long enough pass phrase";

export interface TestSchool {
  readonly route: Route;
  readonly owner: { readonly email: string; readonly userId: string };
  readonly at: (path?: string) => string;
  /** An account of this school, its e-mail verified. */
  readonly person: (role: Role, email?: string) => Promise<{ userId: string; email: string }>;
  readonly as: <T>(userId: string, roles: readonly Role[], work: () => Promise<T>) => Promise<T>;
  /** Signs the browser in without the sign-in pages, for journeys that are about something else. */
  readonly signIn: (context: BrowserContext, userId: string) => Promise<void>;
}

/** A school of the journey's own, opened as the platform opens them. */
export async function openSchool(name: string): Promise<TestSchool> {
  const slug = `j-${createId("run").slice(-10)}`;
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
  const at = (path = "/") => `http://${slug}.${new URL(stage().url).host}${path}`;
  const owners = await system(() => Identity.list({ role: "owner" }));
  return {
    route,
    owner: { email, userId: owners.items[0]?.id ?? "" },
    at,
    person: async (role, address = `${role}-${createId("run").slice(-8)}@${slug}.example`) => {
      const made = await system(() =>
        Identity.create({
          email: address,
          givenName: "Pat",
          familyName: "Person",
          roles: [role],
          password,
          notify: false,
        }),
      );
      return { userId: made.id, email: address };
    },
    as: (userId, roles, work) => {
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
    signIn: async (context, userId) => {
      const { cookie } = await system(() => Session.create({ userId }));
      await context.addCookies([{ name: "__Host-session", value: cookie, url: at(), secure: true, httpOnly: true }]);
    },
  };
}

interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** The newest mail to an address whose subject fits; waits for the worker to send it. */
export async function mailTo(email: string, subject: RegExp): Promise<Mail> {
  let found: Mail | undefined;
  await expect
    .poll(
      async () => {
        found = (await mailsTo(email)).findLast((mail) => subject.test(mail.subject));
        return found?.subject;
      },
      { message: `a mail to ${email} about ${subject}`, timeout: 30_000 },
    )
    .toMatch(subject);
  if (!found) throw new Error("unreachable: the poll has passed");
  return found;
}

/** Every mail to an address, oldest first. */
export async function mailsTo(email: string): Promise<Mail[]> {
  const answer = await fetch(`${stage().mailUrl}/mails?${new URLSearchParams({ to: email, limit: "1000" })}`);
  return (await answer.json()) as Mail[];
}

/** The first link of a mail's text that holds this. */
export function linkIn(mail: Mail, part: string): string {
  const link = mail.text.match(/https?:\/\/\S+/g)?.find((url) => url.includes(part));
  if (!link) throw new Error(`no link with ${part} in: ${mail.text}`);
  return link.replace(/[).,]+$/, "");
}

/** No violation of WCAG 2.2 A or AA on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"])
    .analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  expect(told, page.url()).toEqual([]);
}

/** A journey with a school of its own. */
export const test = base.extend<{ school: TestSchool }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's shape.
  school: async ({}, use) => use(await openSchool("Journey School")),
});
