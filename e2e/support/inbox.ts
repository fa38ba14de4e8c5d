import { expect } from "@playwright/test";
import { stage } from "./stage.ts";

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Returns the newest mail to an address with a matching subject; waits for the worker. */
export async function mailTo(email: string, subject: RegExp, timeout = 30_000): Promise<Mail> {
  let found: Mail | undefined;
  await expect
    .poll(
      async () => {
        found = (await mailsTo(email)).find((mail) => subject.test(mail.subject));
        return found?.subject;
      },
      { message: `a mail to ${email} about ${subject}`, timeout, intervals: [100, 250, 500] },
    )
    .toMatch(subject);
  if (!found) throw new Error("unreachable: the poll has passed");
  return found;
}

export async function mailsTo(email: string): Promise<Mail[]> {
  const answer = await fetch(`${stage().mailUrl}/mails?${new URLSearchParams({ to: email, limit: "1000" })}`);
  return (await answer.json()) as Mail[];
}

/** Returns the first link of a mail's text that contains `part`. */
export function linkIn(mail: Mail, part: string): string {
  const link = mail.text.match(/https?:\/\/\S+/g)?.find((url) => url.includes(part));
  if (!link) throw new Error(`no link with ${part} in: ${mail.text}`);
  return link.replace(/[).,]+$/, "");
}
