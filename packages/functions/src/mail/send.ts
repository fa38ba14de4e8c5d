import { SendEmailCommand } from "@aws-sdk/client-sesv2";
import { Brand } from "@lectern/core/house/brand";
import { Actor } from "@lectern/core/kernel/actor";
import { Aws } from "@lectern/core/kernel/aws";
import { log } from "@lectern/core/kernel/log";
import { Settings } from "@lectern/core/kernel/secret";
import { Url } from "@lectern/core/kernel/url";
import * as SchoolSettings from "@lectern/core/people/settings";
import { Address } from "@lectern/core/people/suppression";
import type { Letter } from "@lectern/core/talk/letter";
import { type MailClass, MailLedger } from "@lectern/core/talk/notify";
import { Resource } from "sst";
import { RetryLater } from "../event/retry.ts";
import { reached } from "../event/steps.ts";
import { encodedHref, type Look, lookOf } from "./look.ts";
import { withoutLinks } from "./plain.ts";
import { type Rendered, renderLetter } from "./render.tsx";

export interface Mail {
  /** Names what the mail is; with event and recipient it makes the mail's id. */
  readonly template: string;
  readonly category: MailClass;
  readonly event: { readonly id: string };
  readonly to: string;
  /**
   * Only the holder of the claim calls it, so no token is issued for a mail that is not sent. Null: nothing to send.
   */
  readonly write: () => Promise<Letter | null>;
}

/**
 * Seconds without a provider event after which a mail counts as never accepted; events on a local stage are immediate.
 */
const settleSeconds = async (): Promise<number> => Number(await Settings.get("mail/settle-seconds"));

/** Provider events arrive through a queue, which may lag: while it has messages, silence proves nothing. */
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
 * Sends a mail of the actor's school exactly once per template, event and recipient, whatever crashes or repeats.
 * Throws RetryLater while it is unknown whether the mail was sent.
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
  const letter = (await Address.isWelcome(mail.to, mail.category)) ? await mail.write() : null;
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

/** Replies go to the school; mails that readers can unsubscribe from have the header too (RFC 2369). */
const headersOf = ({ stop }: Letter): Pick<Outgoing, "replyTo" | "unsubscribe"> => ({
  replyTo: Actor.useSchool().contactEmail ?? null,
  unsubscribe: stop ? `<${encodedHref(stop.href)}>` : null,
});

async function post(mailId: string, mail: Mail, rendered: Outgoing, attempt: number): Promise<string> {
  try {
    const { MessageId } = await Aws.ses().send(command(mailId, mail, rendered), {
      // Far shorter than `settleMs`, so that no second sender starts before this one gives up.
      abortSignal: AbortSignal.timeout(8_000),
    });
    return MessageId ?? "";
  } catch (error) {
    // A 4xx is a definite refusal. After anything else, including a timeout, the mail may have been sent.
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
    // They return in the provider's events: which mail it is, and what its reader does not want any more.
    EmailTags: [
      { Name: "mail", Value: mailId },
      { Name: "school", Value: school.schoolId },
      { Name: "template", Value: mail.template },
      { Name: "category", Value: mail.category },
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

/** Removes foreign links from people's texts. */
function safe(letter: Letter): Letter {
  const { school } = Actor.useActor();
  const host = (url: string) => new URL(url).host;
  return withoutLinks(letter, { platformHost: host(Url.platformUrl()), hosts: [host(Url.schoolUrl(school))] });
}

/** Names the school as sender, by way of the platform. */
export const senderName = (school: string): string => displayName(`${school} via Lectern`);

function look(address: string | null): Look {
  const { school } = Actor.useActor();
  const { light } = Brand.logoPaths(school);
  const logoUrl = light && !Brand.isVector(light) ? Url.schoolUrl(school, light) : null;
  return lookOf(school, Url.schoolUrl(school, "/"), logoUrl, address);
}

/** Encodes non-ASCII by RFC 2047 and quotes the rest, so that a comma in a name starts no second address. */
export function displayName(name: string): string {
  const clean = name.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ").trim();
  if (/^[\x20-\x7e]*$/.test(clean)) return `"${clean.replaceAll(/["\\]/g, "\\$&")}"`;
  // An encoded word has at most 75 characters: 45 bytes each, cut between characters.
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
