import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { privateFolder } from "../util/files.ts";

/** A mail as `aws-ses-v2-local` parses it, with the tags and configuration set that it drops. */
export interface Mail {
  messageId: string;
  from: string;
  replyTo: string[];
  destination: { to: string[]; cc: string[]; bcc: string[] };
  subject: string;
  body: { html?: string; text?: string };
  attachments: unknown[];
  headers?: { name: string; value: string }[];
  at: number;
  tags: Record<string, string>;
  configurationSet: string | null;
}

/** A mail as tests read it. */
export interface InboxMail {
  id: string;
  at: string;
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  configurationSet: string | null;
}

/** Sent mails in SQLite; acknowledged ones survive a kill. */
export class MailStore {
  readonly #db: DatabaseSync;

  constructor(dataDir: string) {
    const folder = join(dataDir, "ses");
    privateFolder(folder);
    this.#db = new DatabaseSync(join(folder, "mails.sqlite"));
    this.#db.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS mail (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
        recipients TEXT NOT NULL, body TEXT NOT NULL);
      CREATE INDEX IF NOT EXISTS mail_at ON mail (at);`);
  }

  /** @param atMs time of sending, epoch ms */
  add(mail: Mail, atMs: number): void {
    const { to, cc, bcc } = mail.destination;
    const recipients = `,${[...to, ...cc, ...bcc].map(addressOf).join(",")},`;
    this.#db
      .prepare("INSERT INTO mail (at, recipients, body) VALUES (?, ?, ?)")
      .run(atMs, recipients, JSON.stringify(mail));
  }

  byId(messageId: string): Mail | undefined {
    const row = this.#db.prepare("SELECT body FROM mail WHERE body ->> 'messageId' = ?").get(messageId);
    return row && JSON.parse(String(row.body));
  }

  /** Newest first. */
  find(filter: { to?: string; subject?: string; sinceMs?: number; limit?: number }): InboxMail[] {
    return this.#db
      .prepare(
        `SELECT at, body FROM mail WHERE recipients LIKE ? AND at >= ? AND instr(lower(body ->> 'subject'), ?) > 0
         ORDER BY seq DESC LIMIT ?`,
      )
      .all(
        filter.to ? `%,${addressOf(filter.to)},%` : "%",
        filter.sinceMs ?? 0,
        (filter.subject ?? "").toLowerCase(),
        filter.limit ?? 100,
      )
      .map((row) => toInbox(JSON.parse(String(row.body)), Number(row.at)));
  }

  /** One page of the inbox, newest first. */
  page(filter: { school: string; text: string; offset: number; limit: number }): {
    total: number;
    rows: { at: number; mail: Mail }[];
  } {
    const { school, text, offset, limit } = filter;
    const where = `(?1 = '' OR ${schoolOf} = ?1) AND (?2 = '' OR instr(lower(recipients || ' ' || (body ->> 'subject')
      || ' ' || coalesce(body ->> '$.body.text', '')), lower(?2)) > 0)`;
    const count = this.#db.prepare(`SELECT count(*) AS total FROM mail WHERE ${where}`).get(school, text);
    const rows = this.#db
      .prepare(`SELECT at, body FROM mail WHERE ${where} ORDER BY seq DESC LIMIT ?3 OFFSET ?4`)
      .all(school, text, limit, offset)
      .map((row) => ({ at: Number(row.at), mail: JSON.parse(String(row.body)) as Mail }));
    return { total: Number(count?.total ?? 0), rows };
  }

  /** Lists senders: the school's id, or the address of mails without one, with the last display name. */
  schools(): { school: string; from: string; count: number }[] {
    return this.#db
      .prepare(
        `SELECT ${schoolOf} AS school, body ->> 'from' AS sender, count(*) AS count, max(seq) FROM mail GROUP BY 1`,
      )
      .all()
      .map((row) => ({ school: String(row.school), from: String(row.sender), count: Number(row.count) }));
  }

  clear(): void {
    this.#db.exec("DELETE FROM mail");
  }

  close(): void {
    this.#db.close();
  }
}

const schoolOf = "coalesce(body ->> '$.tags.school', body ->> 'from')";

export function addressOf(recipient: string): string {
  const inside = /<([^<>]*)>\s*$/.exec(recipient);
  return (inside?.[1] ?? recipient).trim().toLowerCase();
}

const toInbox = (mail: Mail, at: number): InboxMail => ({
  id: mail.messageId,
  at: new Date(at).toISOString(),
  from: mail.from,
  to: mail.destination.to,
  cc: mail.destination.cc,
  bcc: mail.destination.bcc,
  replyTo: mail.replyTo,
  subject: mail.subject,
  html: mail.body.html ?? "",
  text: mail.body.text ?? "",
  headers: Object.fromEntries((mail.headers ?? []).map(({ name, value }) => [name, value])),
  tags: mail.tags,
  configurationSet: mail.configurationSet,
});
