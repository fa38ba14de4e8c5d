import { Identity } from "@lectern/core/people/identity";
import { Settings } from "@lectern/core/people/settings";
import {
  authHost,
  expect,
  fillSignIn,
  heading,
  linkIn,
  look,
  mailTo,
  password,
  signOut,
  test,
  unique,
} from "../support/index.ts";

test("the pages of signing in, as the school", async ({ page, school, trouble, browserOf }) => {
  test.setTimeout(300_000);
  trouble.expect(/status of (401|403|404|410|422)/);
  const learner = await school.person("learner");
  const address = `${unique()}@${school.route.slug}.example`;
  const begin = () => page.goto(school.at("/auth/sign-in"));
  await begin();
  await look(page, "sign in", heading(page, "Sign in to Journey School"));
  await fillSignIn(page, learner.email, "not the password");
  await look(page, "sign in, refused", page.getByRole("alert"));
  await page.getByRole("link", { name: "Create an account" }).click();
  await look(page, "sign up", heading(page, "Create your account"));
  await page.locator("summary", { hasText: "I would like to teach here" }).click();
  await page.getByLabel("Given name").fill("Nora");
  await page.getByLabel("E-mail address").fill(address);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByLabel("What would you teach?").fill("Knots.");
  await page.getByRole("button", { name: "Create account" }).click();
  await look(page, "sign up, password too short", page.getByRole("alert"));
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await look(page, "check your inbox", heading(page, "Check your inbox"));
  await begin();
  await fillSignIn(page, address);
  await look(page, "address not confirmed", heading(page, "Confirm your address first"));
  const verify = linkIn(await mailTo(address, /^Confirm your e-mail address/), "/verify");
  const phone = await browserOf();
  await phone.goto(verify);
  await look(phone, "confirm address", phone.getByRole("button", { name: "Confirm my address" }));
  await phone.getByLabel("Password", { exact: true }).fill("not the right password");
  await phone.getByRole("button", { name: "Confirm my address" }).click();
  await look(phone, "confirm address, wrong password", phone.getByRole("alert"));
  await page.goto(verify);
  await expect(page.getByText("Menu of Nora")).toBeAttached();
  await signOut(page);

  await begin();
  await page.getByRole("button", { name: "Forgot your password?" }).click();
  await look(page, "forgot password", heading(page, "Choose a new password"));
  await page.getByLabel("E-mail address").fill(learner.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await look(page, "forgot password, sent", heading(page, "Check your inbox"));
  await page.goto(linkIn(await mailTo(learner.email, /^Choose a new password/), "/reset"));
  await page.getByLabel("New password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Save new password" }).click();
  await look(page, "new password, too short", page.getByRole("alert"));
  await page.goto(authHost(`/reset?school=${school.route.slug}&token=nothing`));
  await look(page, "new password, expired link", heading(page, "This link no longer works"));

  const invited = `invited-${address}`;
  await school.as(school.owner, () => Identity.invite({ email: invited, roles: ["instructor"], message: "Welcome!" }));
  await page.goto(linkIn(await mailTo(invited, /invites you to/), "/invitation"));
  await look(page, "invitation", heading(page, "Join Journey School"));
  await school.as(school.owner, () =>
    Settings.update({ signUp: { mode: "invitation", domains: [] }, locale: "en", zone: "UTC" }),
  );
  await begin();
  await look(page, "sign in, by invitation only", page.getByText(/by invitation\.$/));
  await page.goto(school.at("/auth/sign-in?screen=sign-up"));
  await look(page, "sign up, by invitation only", heading(page, "Journey School invites its members"));
  await page.goto(authHost("/sign-in?flow=gone"));
  await look(page, "sign-in took too long", heading(page, "Please begin again"));
  await page.goto(authHost("/no-such-page"));
  await look(page, "not found", heading(page, "There is no such page"));
  await page.goto(school.at("/auth/callback?state=unknown&code=unknown"));
  await look(page, "not begun in this browser", heading(page, /^This sign-in was not begun in this browser/));

  await school.signIn(page.context(), learner);
  await page.goto(school.at());
  await signOut(page);
  await look(page, "signed out", heading(page, "You are signed out"));
});
