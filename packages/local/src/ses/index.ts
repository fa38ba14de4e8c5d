import type { Server } from "node:http";
import { createRequire } from "node:module";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { isRecord } from "../util/files.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { listen } from "../util/ports.ts";
import { sesEvents } from "./events.ts";
import { inboxPages } from "./inbox.ts";
import { type Mail, MailStore } from "./store.ts";

export type { InboxMail } from "./store.ts";

export interface SesOptions {
  dataDir: string;
  port?: number;
  /** Publishes a mail's outcome on the default event bus. */
  publish?: (detailType: string, detail: unknown, resources: string[]) => void;
  log?: (line: string) => void;
}

export interface Ses extends Part {
  port: number;
  endpoint: string;
}

// The list of mails, which the package exports only privately.
interface PackageStore {
  getStoreReadonly(): { emails: Mail[] };
}
type StartPackage = (options: { host: string; port: number }) => Promise<Server>;

/**
 * SES v2 on 127.0.0.1, with an inbox at `/` and `GET /mails?to=&subject=&since=&limit=` (newest first) for tests.
 * `aws-ses-v2-local` validates and parses in memory; this front stores mail and tags on disk before it answers.
 */
export async function start(options: SesOptions): Promise<Ses> {
  const begin = performance.now();
  const store = new MailStore(options.dataDir);
  const require = createRequire(import.meta.url);
  const { default: startPackage }: { default: StartPackage } = require("aws-ses-v2-local");
  const memory: PackageStore = require("aws-ses-v2-local/dist/store.js");
  const inner = await startPackage({ host: "127.0.0.1", port: 0 });
  const innerAddress = inner.address();
  const innerUrl = `http://127.0.0.1:${innerAddress && typeof innerAddress === "object" ? innerAddress.port : 0}`;

  const pass = async (request: Request, body?: string) => {
    const url = new URL(request.url);
    const answer = await fetch(`${innerUrl}${url.pathname}${url.search}`, {
      method: request.method,
      headers: {
        "content-type": request.headers.get("content-type") ?? "application/json",
        authorization: request.headers.get("authorization") ?? "",
      },
      ...(body !== undefined && { body }),
    });
    const type = answer.headers.get("content-type");
    return new Response(await answer.text(), {
      status: answer.status,
      ...(type && { headers: { "content-type": type } }),
    });
  };

  /** Removes the parsed mail from the package's process-wide list. */
  const take = (messageId: string): Mail | undefined => {
    const { emails } = memory.getStoreReadonly();
    const at = emails.findIndex((mail) => mail.messageId === messageId);
    return at < 0 ? undefined : emails.splice(at, 1)[0];
  };

  const app = new Hono();
  app.post("/v2/email/outbound-emails", async (c) => {
    const body = await c.req.text();
    const answer = await pass(c.req.raw, body);
    const text = await answer.clone().text();
    const result: unknown = answer.ok ? JSON.parse(text) : undefined;
    const parsed = isRecord(result) ? take(String(result.MessageId)) : undefined;
    if (!parsed) return answer;
    const input: unknown = JSON.parse(body);
    const mail: Mail = { ...parsed, ...sendingOptions(input) };
    const at = new Date();
    store.add(mail, at.getTime());
    if (options.publish && (mail.configurationSet || Object.keys(mail.tags).length > 0)) {
      const resources = [`arn:aws:ses:us-east-1:000000000000:configuration-set/${mail.configurationSet ?? "default"}`];
      try {
        for (const [detailType, detail] of sesEvents(mail, at)) options.publish(detailType, detail, resources);
      } catch (error) {
        options.log?.(`SES could not tell EventBridge about a mail: ${messageOf(error)}`); // best effort, as on AWS
      }
    }
    return answer;
  });
  app.get("/mails", (c) => {
    const { to, subject, since: from, limit } = c.req.query();
    const sinceMs = from === undefined ? 0 : /^\d+$/.test(from) ? Number(from) : Date.parse(from);
    return c.json(
      store.find({
        sinceMs: Number.isNaN(sinceMs) ? 0 : sinceMs,
        limit: Math.min(Number(limit) || 100, 10_000),
        ...(to && { to }),
        ...(subject && { subject }),
      }),
    );
  });
  app.delete("/mails", (c) => {
    store.clear();
    return c.body(null, 204);
  });
  app.route("/", inboxPages(store));
  // The package reads the account from the environment; a local account may always send.
  app.get("/v2/email/account", (c) =>
    c.json({ SendingEnabled: true, ProductionAccessEnabled: true, EnforcementStatus: "HEALTHY" }),
  );
  app.all("*", async (c) => pass(c.req.raw, ["GET", "HEAD"].includes(c.req.method) ? undefined : await c.req.text()));

  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const port = await listen(server, options.port);
  let stopped: Promise<void> | undefined;
  return {
    name: "SES, inbox",
    address: `http://127.0.0.1:${port}`,
    ms: since(begin),
    port,
    endpoint: `http://127.0.0.1:${port}`,
    stop: () => {
      stopped ??= (async () => {
        for (const each of [server, inner]) {
          each.closeAllConnections();
          await new Promise((resolve) => each.close(resolve));
        }
        store.close();
      })();
      return stopped;
    },
  };
}

function sendingOptions(input: unknown): Pick<Mail, "tags" | "configurationSet"> {
  if (!isRecord(input)) return { tags: {}, configurationSet: null };
  const tags: Record<string, string> = {};
  for (const tag of Array.isArray(input.EmailTags) ? input.EmailTags : []) {
    if (isRecord(tag)) tags[String(tag.Name)] = String(tag.Value);
  }
  return {
    tags,
    configurationSet: typeof input.ConfigurationSetName === "string" ? input.ConfigurationSetName : null,
  };
}
