import { createRequire } from "node:module";
import { Hono } from "hono";
import { html, raw } from "hono/html";
import type { Mail, MailStore } from "./store.ts";

// The inbox for developers: a paged list by school, and one mail at a time.

const perPage = 50;

interface Libmime {
  decodeWords(text: string): string;
}
const require = createRequire(import.meta.url);
const libmime: Libmime = require("libmime");

const style = `
  :root { color-scheme: light dark; --line: light-dark(#d9d4c9, #3c3a36); --soft: light-dark(#655e52, #aaa397); --link: light-dark(#0e5f70, #7cc8d8) }
  * { box-sizing: border-box }
  body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem 4rem; font: 15px/1.5 system-ui, sans-serif }
  h1 { font-size: 1.5rem; margin: 0 0 1rem }
  h1 a { color: inherit; text-decoration: none }
  a { color: var(--link) }
  form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: end; margin: 0 0 1rem }
  label { display: grid; gap: .2rem; font-size: .85rem; color: var(--soft) }
  input, select, button { font: inherit; padding: .35rem .6rem; max-width: 100% }
  table { width: 100%; border-collapse: collapse; table-layout: fixed }
  th, td { text-align: start; padding: .45rem .5rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top }
  th { font-size: .85rem; color: var(--soft); font-weight: 600 }
  th:first-child { width: 9.5rem }
  td:first-child, dt { color: var(--soft); font-variant-numeric: tabular-nums }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; overflow-wrap: anywhere }
  dd { margin: 0 }
  iframe { width: 100%; height: 46rem; border: 1px solid var(--line); background: #fff }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: 1rem }
  nav { display: flex; gap: 1rem; margin: 1rem 0 }
  @media (max-width: 40rem) {
    thead { position: absolute; clip-path: inset(50%) }
    tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
    td { display: block; border: 0; padding: 0 }
  }
`;

const page = (title: string, body: unknown) => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>${title}</title>
      <style>${raw(style)}</style>
    </head>
    <body>${body}</body>
  </html>`;

const readable = (address: string): string => libmime.decodeWords(address);
const nameOf = (address: string): string =>
  readable(address)
    .replace(/\s*<[^<>]*>\s*$/, "")
    .replace(/^"(.*)"$/, "$1") || address;
const timeOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19).replace("T", " ");

/** Returns the pages of the inbox. */
export function inboxPages(store: MailStore): Hono {
  const app = new Hono();

  app.get("/", (c) => {
    const { school = "", q = "" } = c.req.query();
    const wanted = Math.max(1, Math.floor(Number(c.req.query("page"))) || 1);
    const { total, rows } = store.page({ school, text: q.trim(), offset: (wanted - 1) * perPage, limit: perPage });
    const last = Math.max(1, Math.ceil(total / perPage));
    const schools = store.schools().map((each) => ({ ...each, name: nameOf(each.from) }));
    schools.sort((a, b) => a.name.localeCompare(b.name, "en"));
    const link = (at: number) =>
      `/?${new URLSearchParams({ ...(school && { school }), ...(q && { q }), page: `${at}` })}`;
    return c.html(
      page(
        "Sent mail",
        html`<h1>Sent mail</h1>
          <form>
            <label>Search <input name="q" type="search" value="${q}" /></label>
            <label>School
              <select name="school">
                <option value="">All schools</option>
                ${schools.map(
                  (each) =>
                    html`<option value="${each.school}" ${each.school === school ? "selected" : ""}>${each.name} (${each.count})</option>`,
                )}
              </select>
            </label>
            <button>Show</button>
          </form>
          ${
            rows.length === 0
              ? html`<p>${total === 0 && !q && !school ? "No mail has been sent yet." : "No mail matches."}</p>`
              : html`<table>
                  <thead><tr><th>Sent (UTC)</th><th>School</th><th>To</th><th>Subject</th></tr></thead>
                  <tbody>
                    ${rows.map(
                      ({ at, mail }) =>
                        html`<tr>
                          <td>${timeOf(at)}</td>
                          <td>${nameOf(mail.from)}</td>
                          <td>${mail.destination.to.map(readable).join(", ")}</td>
                          <td dir="auto"><a href="/mail/${encodeURIComponent(mail.messageId)}">${mail.subject || "(no subject)"}</a></td>
                        </tr>`,
                    )}
                  </tbody>
                </table>`
          }
          <nav aria-label="Pages">
            ${wanted > 1 ? html`<a href="${link(wanted - 1)}" rel="prev">Newer</a>` : ""}
            <span>Page ${wanted} of ${last}, ${total} ${total === 1 ? "mail" : "mails"}</span>
            ${wanted < last ? html`<a href="${link(wanted + 1)}" rel="next">Older</a>` : ""}
          </nav>
          <form method="post" action="/clear"><button>Delete all mail</button></form>`,
      ),
    );
  });

  app.get("/mail/:id", (c) => {
    const mail = store.byId(c.req.param("id"));
    if (!mail)
      return c.html(page("No such mail", html`<h1><a href="/">Sent mail</a></h1><p>There is no such mail.</p>`), 404);
    const id = encodeURIComponent(mail.messageId);
    const fields: readonly (readonly [string, readonly string[]])[] = [
      ["From", [mail.from]],
      ["To", mail.destination.to],
      ["Cc", mail.destination.cc],
      ["Bcc", mail.destination.bcc],
      ["Reply to", mail.replyTo],
    ];
    return c.html(
      page(
        mail.subject,
        html`<p><a href="/">Sent mail</a></p>
          <h1 dir="auto">${mail.subject || "(no subject)"}</h1>
          <dl>
            ${fields.map(([name, values]) =>
              values.length > 0 ? html`<dt>${name}</dt><dd>${values.map(readable).join(", ")}</dd>` : "",
            )}
            <dt>Sent (UTC)</dt><dd>${timeOf(mail.at * 1000)}</dd>
            ${(mail.headers ?? []).map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}
          </dl>
          ${
            mail.body.html
              ? html`<iframe title="The mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/mail/${id}/html"></iframe>`
              : ""
          }
          <h2>Text</h2>
          <pre dir="auto">${linked(mail.body.text ?? "")}</pre>`,
      ),
    );
  });

  app.get("/mail/:id/html", (c) => {
    const mail = store.byId(c.req.param("id"));
    if (!mail?.body.html) return c.text("There is no such mail.", 404);
    c.header("content-security-policy", "sandbox allow-popups allow-popups-to-escape-sandbox; script-src 'none'");
    // Links open in a new tab, not in the inbox's frame.
    return c.html(`<base target="_blank">${mail.body.html}`);
  });

  app.post("/clear", (c) => {
    store.clear();
    return c.redirect("/", 303);
  });
  return app;
}

/** Turns addresses in a text into links. */
const linked = (text: Mail["subject"]) =>
  text.split(/(https?:\/\/[^\s<>"]+)/).map((part, at) => (at % 2 === 1 ? html`<a href="${part}">${part}</a>` : part));
