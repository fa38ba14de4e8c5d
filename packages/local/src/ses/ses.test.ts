import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, expect, test } from "vitest";
import { clientOptions, tempDir } from "../testing/index.ts";
import { type InboxMail, type Ses, start } from "./index.ts";

let dir: ReturnType<typeof tempDir>;
let server: Ses;
let told: [string, unknown][];

const startServer = () =>
  start({ dataDir: dir.path, publish: (detailType, detail) => void told.push([detailType, detail]) });
beforeEach(async () => {
  dir = tempDir();
  told = [];
  server = await startServer();
});
afterEach(async () => {
  await server.stop();
  dir.remove();
});

const send = (to: string, subject: string, over: object = {}) =>
  new SESv2Client(clientOptions(server.endpoint)).send(
    new SendEmailCommand({
      FromEmailAddress: "Algebra School <no-reply@lectern.localhost>",
      Destination: { ToAddresses: [to] },
      ReplyToAddresses: ["office@algebra.example"],
      Content: {
        Simple: {
          Subject: { Data: subject },
          Body: { Html: { Data: "<p>Hello</p>" }, Text: { Data: "Hello" } },
          Headers: [{ Name: "List-Unsubscribe", Value: "<https://x.example>" }],
        },
      },
      ...over,
    }),
  );
const inbox = async (query = ""): Promise<InboxMail[]> =>
  JSON.parse(await (await fetch(`${server.endpoint}/mails${query}`)).text());

test("a sent mail is in the inbox with everything it carried, also after a restart", async () => {
  const { MessageId } = await send("Ada <ada@example.com>", "Verify your e-mail", {
    EmailTags: [{ Name: "eventId", Value: "evt_1" }],
    ConfigurationSetName: "lectern-local",
  });
  await server.stop();
  server = await startServer();
  expect(await inbox()).toMatchObject([
    {
      id: MessageId,
      from: "Algebra School <no-reply@lectern.localhost>",
      to: ["Ada <ada@example.com>"],
      replyTo: ["office@algebra.example"],
      subject: "Verify your e-mail",
      html: "<p>Hello</p>",
      text: "Hello",
      headers: { "List-Unsubscribe": "<https://x.example>" },
      tags: { eventId: "evt_1" },
      configurationSet: "lectern-local",
    },
  ]);
});

const pageOf = async (path: string) => (await fetch(`${server.endpoint}${path}`)).text();
const ofSchool = (school: string, name: string) => ({
  FromEmailAddress: `${name} <no-reply@lectern.localhost>`,
  EmailTags: [{ Name: "school", Value: school }],
});

test("the inbox lists mails in pages, without their bodies, and opens one at a time", async () => {
  for (let n = 1; n <= 53; n++) await send(`ada${n}@example.com`, `Mail number ${n}`);
  const list = await pageOf("/");
  expect(list).not.toContain("<iframe");
  expect(list).toContain("Page 1 of 2, 53 mails");
  expect(list).toContain("Mail number 53");
  expect(list).not.toContain("Mail number 3<");
  expect(await pageOf("/?page=2")).toContain("Mail number 3<");
  const [, path = ""] = /href="(\/mail\/[^"]+)">Mail number 53/.exec(list) ?? [];
  const opened = await pageOf(path);
  expect(opened.match(/<iframe/g)).toHaveLength(1);
  expect(opened).toContain("ada53@example.com");
  const answer = await fetch(`${server.endpoint}${path}/html`);
  expect(answer.headers.get("content-security-policy")).toContain("script-src 'none'");
  expect(await answer.text()).toContain("<p>Hello</p>");
  expect((await fetch(`${server.endpoint}/mail/none`)).status).toBe(404);
});

test("the inbox shows encoded names in letters, filters by school and searches recipients, subjects and texts", async () => {
  const encoded = `=?UTF-8?B?${Buffer.from("Äpfel & Söhne").toString("base64")}?=`;
  await send("ada@example.com", "Welcome <b>Ada</b>", ofSchool("sch_one", encoded));
  await send("bob@example.com", "Welcome Bob", ofSchool("sch_two", '"Harbour, School"'));
  const all = await pageOf("/");
  expect(all).toContain("Äpfel &amp; Söhne</td>");
  expect(all).not.toContain("=?UTF-8?");
  expect(all).toContain("Welcome &lt;b&gt;Ada");
  expect(all).toContain("Harbour, School (1)");
  const one = await pageOf("/?school=sch_one");
  expect(one).toContain("ada@example.com");
  expect(one).not.toContain("bob@example.com");
  for (const [q, subject] of [
    ["BOB@", "Welcome Bob"],
    ["&lt;b", "No mail matches"],
    ["hello", "Welcome Bob"],
  ] as const)
    expect(await pageOf(`/?${new URLSearchParams({ q })}`), q).toContain(subject);
  await fetch(`${server.endpoint}/clear`, { method: "POST", redirect: "manual" });
  expect(await pageOf("/")).toContain("No mail has been sent yet");
});

test("the inbox is asked by recipient, subject and time, newest first", async () => {
  await send("ada@example.com", "First");
  await send("ben@example.com", "Second");
  await send("ADA@example.com", "Third");
  expect((await inbox("?to=ada@example.com")).map((mail) => mail.subject)).toEqual(["Third", "First"]);
  expect((await inbox("?subject=seco")).map((mail) => mail.subject)).toEqual(["Second"]);
  expect(await inbox(`?since=${Date.now() + 1000}`)).toEqual([]);
  await fetch(`${server.endpoint}/mails`, { method: "DELETE" });
  expect(await inbox()).toEqual([]);
});

test("the event bus gets SES's events of a mail with tags", async () => {
  await send("ada@example.com", "Tagged", { EmailTags: [{ Name: "eventId", Value: "evt_1" }] });
  await send("ada@example.com", "Plain");
  expect(told.map(([detailType]) => detailType)).toEqual(["Email Sent", "Email Delivered"]);
  expect(told[0]?.[1]).toMatchObject({
    eventType: "Send",
    mail: { destination: ["ada@example.com"], tags: { eventId: ["evt_1"] }, commonHeaders: { subject: "Tagged" } },
  });
});

test("a mail without sender is refused and not kept", async () => {
  await expect(send("ada@example.com", "x", { FromEmailAddress: undefined })).rejects.toThrow();
  expect(await inbox()).toEqual([]);
});
