import { Domain } from "@lectern/tenants/domain";
import { DomainItem } from "../../packages/tenants/src/domain/domain.entity.ts";
import { look, test } from "../support/index.ts";
import { unique } from "../support/school.ts";

test("domains of a school's own", async ({ page, school, trouble }) => {
  test.setTimeout(180_000);
  trouble.expect(/status of (409|422)/);
  const { schoolId } = school.route;
  const now = new Date().toISOString();
  /** Sets a domain to any state without waiting for CloudFront. */
  const set = (host: string, to: Parameters<ReturnType<typeof patch>["set"]>[0]) =>
    patch(host)
      .set({ ...to, dueAt: "9999-12-31T00:00:00.000Z" })
      .go();
  const patch = (host: string) => DomainItem().patch({ schoolId, host });
  await school.signIn(page.context(), school.owner);
  const open = () => page.goto(school.at("/admin/domains"));

  await open();
  await look(page, "domains, none", page.getByRole("heading", { name: "No domain of your own yet" }));
  await page.getByLabel("Domain", { exact: true }).fill("https://example.edu/courses");
  await page.getByRole("button", { name: "Add domain" }).click();
  await look(page, "domains, no name", page.getByRole("alert"));

  const tail = unique();
  const [waiting, apex, issued, done, failed] = [
    `learn.a-very-long-name-of-a-faculty-for-sailing-and-rope-${tail}.edu`,
    `a${tail}.edu`,
    `bücher-${tail}.example.edu`,
    `c${tail}.example.edu`,
    `d${tail}.example.edu`,
  ];
  const hosts = new Map<string, string>();
  await school.as(school.owner, async () => {
    for (const name of [waiting, apex, issued, done, failed]) hosts.set(name, (await Domain.add({ host: name })).host);
  });
  const hostOf = (name: string) => hosts.get(name) ?? "";
  await set(hostOf(waiting), { reason: "dns_elsewhere", found: "sites.example.net", checkedAt: now });
  await set(hostOf(apex), { isApex: true, reason: "dns_unproven", checkedAt: now });
  await set(hostOf(issued), { state: "cert_issued", changedAt: now });
  await set(hostOf(done), { state: "active", changedAt: now });
  await set(hostOf(failed), { state: "failed", reason: "certificate", changedAt: now });
  await open();
  await page.locator("summary", { hasText: "no CNAME at this name" }).first().click();
  await page.locator("summary", { hasText: "Remove" }).first().click();
  await look(page, "domains, of every state", page.getByText("Certificate issued").first());
  await set(hostOf(done), { reason: "dns_moved", lostAt: now, found: "192.0.2.7" });
  await open();
  await look(page, "domains, one leads elsewhere", page.getByText("Leads elsewhere"));
  await page.getByLabel("Domain", { exact: true }).fill(`e${tail}.example.edu`);
  await page.getByRole("button", { name: "Add domain" }).click();
  await look(page, "domains, too many", page.getByRole("alert"));
});
