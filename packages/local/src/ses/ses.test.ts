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
  const page = await (await fetch(server.endpoint)).text();
  expect(page).toContain("Sent mail");
  const store = JSON.parse(await (await fetch(`${server.endpoint}/store`)).text());
  expect(store.emails).toHaveLength(1);
  const source = await fetch(`${server.endpoint}/get-emlContent?messageId=${MessageId}`);
  const { body } = JSON.parse(await source.text());
  expect(Buffer.from(body.data).toString()).toContain("Subject: Verify your e-mail");
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

test("a mail with tags is told to the event bus as SES does", async () => {
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
