import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { Brand } from "@lectern/core/brand";
import { Actor } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { log } from "@lectern/core/kernel/log";
import { Settings } from "@lectern/core/kernel/secret";
import { Url } from "@lectern/core/kernel/url";
import { Address, MailLedger } from "@lectern/core/notify";
import * as SchoolSettings from "@lectern/core/settings";
import { Resource } from "sst";
import { RetryLater } from "../event/retry.ts";
import { reached } from "../event/steps.ts";
import { encodedHref, type Letter, type Look, lookOf } from "./letter.ts";
import { withoutLinks } from "./plain.ts";
import { type Rendered, renderLetter } from "./render.ts";

export interface Mail {
  /** Names what the mail is; with event and recipient it makes the mail's id. */
  readonly template: Address.Template;
  readonly event: { readonly id: string };
  readonly to: string;
  /** Called only by whoever holds the claim, so a token is minted for a mail that leaves. Null: nothing to send. */
  readonly write: () => Promise<Letter | null>;
}

/** Seconds after which the provider's silence on a mail means that it never had it: local events come at once. */
const settleSeconds = async (): Promise<number> => Number(await Settings.get("mail/settle-seconds"));

/** The provider's words wait in a queue of ours, which may be behind: as long as there are any, silence proves nothing. */
async function isHeard(): Promise<boolean> {
  const QueueUrl = Resource.Queues.urls["mail-feedback"];
  if (!QueueUrl) return true;
  const { GetQueueAttributesCommand } = await import("../event/queue-commands.ts");
  const { Attributes = {} } = await Aws.sqs().send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  return Object.values(Attributes).every((count) => Number(count) === 0);
}

/**
 * Sends a mail of the actor's school, once for the same template, event and recipient, however often the event comes and
 * wherever the sender dies. Throws RetryLater while it is not known whether the mail has left.
 */
export async function sendOnce(mail: Mail): Promise<"sent" | "over" | "skipped"> {
  const settleMs = (await settleSeconds()) * 1000;
  const timing = { claimMs: Math.min(20_000, settleMs), settleMs, isHeard };
  const mailId = MailLedger.mailIdOf(mail.template, mail.event.id, mail.to);
  const claim = await MailLedger.claim({ mailId, template: mail.template, eventId: mail.event.id }, timing);
  if (claim.status === "over") return "over";
  if (claim.status === "wait") throw new RetryLater(claim.ms / 1000 + 0.5, `mail ${mailId} is being sent`);
  const { attempt } = claim;
  await reached("mail: claimed");
  const letter = (await Address.isWelcome(mail.to, mail.template)) ? await mail.write() : null;
  if (!letter) {
    await MailLedger.skipped(mailId, attempt);
    return "skipped";
  }
  const rendered = renderLetter(safe(letter), look(await SchoolSettings.postalAddress()));
  await reached("mail: written");
  if (!(await MailLedger.sending(mailId, attempt, timing)))
    throw new RetryLater(timing.claimMs / 1000, `mail ${mailId} was claimed by another`);
  await reached("mail: sending");
  const messageId = await post(mailId, mail, { ...rendered, ...headersOf(letter) }, attempt);
  await reached("mail: accepted");
  if (!(await MailLedger.sent(mailId, attempt, messageId)))
    log.info({ mailId, messageId }, "the provider's word on this mail came before its answer");
  log.info({ mailId, messageId, template: mail.template }, "mail sent");
  return "sent";
}

interface Outgoing extends Rendered {
  readonly replyTo: string | null;
  readonly unsubscribe: string | null;
}

/** Answers reach the school, and a mail that its reader can end says where to programs as well (RFC 2369). */
const headersOf = ({ stop }: Letter): Pick<Outgoing, "replyTo" | "unsubscribe"> => ({
  replyTo: Actor.useSchool().contactEmail ?? null,
  unsubscribe: stop ? `<${encodedHref(stop.href)}>` : null,
});

async function post(mailId: string, mail: Mail, rendered: Outgoing, attempt: number): Promise<string> {
  try {
    const { MessageId } = await Aws.ses().send(command(mailId, mail, rendered), {
      // Well before `settleMs`: who gives up here is not surprised by a second sender.
      abortSignal: AbortSignal.timeout(8_000),
    });
    return MessageId ?? "";
  } catch (error) {
    // A 4xx is a clear no. Anything else, a timeout or a broken line included, may have been a yes.
    const status = statusOf(error);
    if (status !== undefined && status >= 400 && status < 500) await MailLedger.refused(mailId, attempt);
    throw error;
  }
}

function command(
  mailId: string,
  mail: Mail,
  { subject, html, text, replyTo, unsubscribe }: Outgoing,
): SendEmailCommand {
  const { school } = Actor.useActor();
  const utf8 = (Data: string) => ({ Data, Charset: "UTF-8" });
  return new SendEmailCommand({
    FromEmailAddress: `${senderName(school.name)} <${Resource.Email.sender}>`,
    Destination: { ToAddresses: [mail.to] },
    ...(replyTo && { ReplyToAddresses: [replyTo] }),
    ConfigurationSetName: Resource.Email.configSet,
    // Both come back in the provider's events: how a doubtful mail is recognised.
    EmailTags: [
      { Name: "mail", Value: mailId },
      { Name: "school", Value: school.schoolId },
      { Name: "template", Value: mail.template },
    ],
    Content: {
      Simple: {
        Subject: utf8(subject),
        Body: { Html: utf8(html), Text: utf8(text) },
        Headers: [
          { Name: "X-Lectern-Mail", Value: mailId },
          { Name: "Auto-Submitted", Value: "auto-generated" },
          ...(unsubscribe ? [{ Name: "List-Unsubscribe", Value: unsubscribe }] : []),
        ],
      },
    },
  });
}

/** The letter as it may leave: whatever people typed into it links to nowhere else. */
function safe(letter: Letter): Letter {
  const { school } = Actor.useActor();
  const host = (url: string) => new URL(url).host;
  return withoutLinks(letter, { platformHost: host(Url.platformUrl()), hosts: [host(Url.schoolUrl(school))] });
}

/** Readers see who sends it: a school, by way of the platform. */
export const senderName = (school: string): string => displayName(`${school} via Lectern`);

function look(address: string | null): Look {
  const { school } = Actor.useActor();
  const { light } = Brand.logoPaths(school);
  const logoUrl = light && !Brand.isVector(light) ? Url.schoolUrl(school, light) : null;
  return lookOf(school, Url.schoolUrl(school, "/"), logoUrl, address);
}

/** RFC 2047 for what is not plain ASCII; quoted otherwise, so a comma in a name starts no second address. */
export function displayName(name: string): string {
  const clean = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ").trim();
  if (/^[\x20-\x7e]*$/.test(clean)) return `"${clean.replaceAll(/["\\]/g, "\\$&")}"`;
  // An encoded word is at most 75 characters: 45 bytes each, cut between characters.
  const words: string[] = [];
  let word = "";
  for (const character of clean) {
    if (Buffer.byteLength(word + character) > 42) {
      words.push(word);
      word = "";
    }
    word += character;
  }
  return [...words, word].map((each) => `=?UTF-8?B?${Buffer.from(each).toString("base64")}?=`).join(" ");
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== "object" || $metadata === null || !("httpStatusCode" in $metadata)) return undefined;
  return typeof $metadata.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
}
