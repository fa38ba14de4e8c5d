import type { DnsRecord } from "../dns/wire.ts";

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Renders the page where a developer sets what an admin would set at a DNS provider. */
export function panel(records: readonly DnsRecord[], refusal = ""): string {
  const rows = records
    .map(
      ({ name, type, value }) => `<tr><td><code>${escaped(name)}</code></td><td>${type}</td>
        <td><code>${escaped(value)}</code></td><td><form method="post"><input type="hidden" name="intent" value="remove">
        <input type="hidden" name="name" value="${escaped(name)}"><input type="hidden" name="type" value="${type}">
        <button>Remove<span class="sr"> ${escaped(name)}</span></button></form></td></tr>`,
    )
    .join("");
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Local DNS</title><style>
body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #8884;overflow-wrap:anywhere}
form{display:flex;gap:.6rem;flex-wrap:wrap;align-items:end}label{display:grid;gap:.2rem}input,select,button{font:inherit;padding:.35rem .5rem;max-width:100%;box-sizing:border-box}label{min-width:0}button,td:nth-child(2){white-space:nowrap}code{overflow-wrap:anywhere}
@media(max-width:40rem){thead{display:none}tr{display:block;padding:.6rem 0;border-bottom:1px solid #8884}td{display:block;border:0;padding:.1rem 0}}
.sr{position:absolute;clip-path:inset(50%)}[role=alert]{color:light-dark(#a00,#f99)}</style>
<main><h1>Local DNS</h1><p>What an admin would set at the provider of their domain. Names such as
<code>learn.harbour.localhost</code> open in a browser without further ado.</p>
${refusal && `<p role="alert">${escaped(refusal)}</p>`}
<form method="post"><input type="hidden" name="intent" value="set"><label>Name<input name="name" required size="34"></label>
<label>Type<select name="type"><option>CNAME</option><option>TXT</option><option>A</option><option>AAAA</option><option>CAA</option></select></label>
<label>Value<input name="value" required size="44"></label><button>Set</button></form>
<h2>Records</h2>${rows ? `<table><thead><tr><th>Name<th>Type<th>Value<th></thead><tbody>${rows}</tbody></table>` : "<p>None yet.</p>"}
</main></html>`;
}
