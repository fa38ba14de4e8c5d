import {
  expect,
  fillSignIn,
  heading,
  linkIn,
  mailsTo,
  mailTo,
  openSchool,
  platform,
  test,
  unique,
} from "./support/index.ts";

test("somebody is mailed the addresses of their schools, and only the inbox learns them", async ({ page, school }) => {
  const email = `sam-${unique()}@journey.example`;
  const other = await openSchool("Neighbour School");
  await school.person("learner", { email });
  await other.person("instructor", { email });
  const ask = async (address: string) => {
    await page.goto(platform("/find-my-school"));
    await page.getByLabel("E-mail").fill(address);
    await page.getByRole("button", { name: "Mail me my schools" }).click();
    await expect(heading(page, "Look in your inbox")).toBeVisible();
    return ((await page.getByRole("main").textContent()) ?? "").replace(address, "(address)");
  };
  const stranger = `nobody-${unique()}@journey.example`;
  const words = await ask(stranger);
  // The index of schools is updated asynchronously.
  await expect(async () => {
    expect(await ask(email)).toBe(words);
    const mail = await mailTo(email, /schools on Lectern$/, 3_000);
    expect(mail.text).toContain(school.at());
    expect(mail.text).toContain(other.at());
  }).toPass({ timeout: 30_000 });
  expect(await mailsTo(stranger)).toEqual([]);
  await page.goto(linkIn(await mailTo(email, /schools on Lectern$/), other.route.slug));
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await fillSignIn(page, email);
  await expect(page.getByText("Menu of Pat Person")).toBeAttached();
});
