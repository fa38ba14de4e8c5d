// The API reference: plain HTML made from the OpenAPI document. It works without scripts, prints, and browsers can
// search it, unlike pages that scripts render.
import { referenceStyle } from "./reference.style.ts";

interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  description?: string;
  format?: string;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  additionalProperties?: Schema | boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  const?: unknown;
}

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>;
  "x-permission": string | { none: string };
  "x-rate-limit": { bucket: string; max: number; per: string };
  "x-host"?: string;
}

export interface Document {
  info: { title: string; description: string; version: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

interface Entry {
  method: string;
  path: string;
  operation: Operation;
}

/** Returns the whole page. */
export function renderReference(document: Document): string {
  const entries = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Entry => ({ method, path, operation })),
  );
  const chapters = document.tags
    .map((tag) => ({ ...tag, entries: entries.filter(({ operation }) => operation.tags.includes(tag.name)) }))
    .filter((chapter) => chapter.entries.length > 0);
  const schemas = Object.entries(document.components?.schemas ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(document.info.title)} reference</title><style>${referenceStyle}</style></head><body>
<a class="skip" href="#content">Skip to the reference</a>
<div class="shell">
<nav aria-label="Operations"><p class="brand">${html(document.info.title)}</p>
${chapters.map((chapter) => `<h2>${html(chapter.name)}</h2><ul>${chapter.entries.map(link).join("")}</ul>`).join("\n")}
<h2>Shapes</h2><ul>${schemas.map(([name]) => `<li><a href="#shape-${name}">${html(name)}</a></li>`).join("")}</ul>
</nav>
<main id="content"><header><h1>${html(document.info.title)}</h1>
<p class="lead">${prose(document.info.description)}</p>
<p>The same as a machine reads it: <a href="/api/v1/openapi.json">OpenAPI 3.1 document</a>.</p>${basics}</header>
${chapters.map(chapterOf).join("\n")}
<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2>
${schemas.map(([name, schema]) => `<article id="shape-${name}"><h3>${html(name)}</h3>${fields(schema)}</article>`).join("\n")}
</section></main></div></body></html>`;
}

const basics = `
<h2>Before the first call</h2>
<p>Call it on the school's own address. For a program, send an API key: an admin makes one under Admin, API keys, and says what it may do. For an application that people sign in to, send the access token of that school's sign-in. Those of another school are refused.</p>
<pre tabindex="0"><code>curl https://your-school.example/api/v1/me \\
  -H "Authorization: Bearer $TOKEN"</code></pre>
<ul>
<li><strong>Lists</strong> take <code>?limit=</code> (25 unless said, 100 at most) and <code>?cursor=</code>, the <code>nextCursor</code> of the page before.</li>
<li><strong>Retries</strong> of a creating POST are safe with an <code>Idempotency-Key</code>: the same key and body are answered once.</li>
<li><strong>Updates</strong> of courses and lessons name the version they change: <code>If-Match</code> with the ETag, or <code>version</code>. 412 when someone else was faster.</li>
<li><strong>Limits</strong> stand beside each operation; <code>RateLimit-Remaining</code> counts down, and a 429 says in <code>Retry-After</code> when to come back.</li>
<li><strong>Refusals</strong> have one shape: <a href="#shape-Problem">Problem</a>. Support finds a request by its <code>requestId</code>.</li>
</ul>`;

const link = ({ method, path, operation }: Entry): string =>
  `<li><a href="#${operation.operationId}"><span class="method ${method}">${method.toUpperCase()}</span> ${html(path)}</a></li>`;

const chapterOf = (chapter: { name: string; description: string; entries: Entry[] }): string =>
  `<section aria-labelledby="tag-${slug(chapter.name)}"><h2 id="tag-${slug(chapter.name)}">${html(chapter.name)}</h2>
<p>${prose(chapter.description)}</p>${chapter.entries.map(article).join("\n")}</section>`;

function article({ method, path, operation }: Entry): string {
  const permission = operation["x-permission"];
  const limit = operation["x-rate-limit"];
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const facts = [
    [
      "Permission",
      typeof permission === "string" ? `<code>${html(permission)}</code>` : `none: ${html(permission.none)}`,
    ],
    ["Limit", `${limit.max} a ${limit.per} (<code>${html(limit.bucket)}</code>)`],
    ...(operation["x-host"] ? [["Host", operation["x-host"] === "platform" ? "the platform's own" : "any"]] : []),
  ];
  return `<article id="${operation.operationId}"><h3>${html(operation.summary)}</h3>
<p class="route"><span class="method ${method}">${method.toUpperCase()}</span> <code>${html(path)}</code></p>
${operation.description ? `<p>${prose(operation.description)}</p>` : ""}
<dl class="facts">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>
${parameters(operation.parameters ?? [])}
${body ? `<h4>Body</h4>${fields(body)}` : ""}
<h4>Answers</h4>${table(["Status", "Meaning", "Body"], Object.entries(operation.responses).map(answerRow), "Answers")}
</article>`;
}

const answerRow = ([status, response]: [string, Operation["responses"][string]]): string[] => [
  `<code>${status}</code>`,
  prose(response.description),
  typeOf(Object.values(response.content ?? {})[0]?.schema),
];

const parameters = (all: Parameter[]): string =>
  all.length === 0
    ? ""
    : `<h4>Parameters</h4>${table(
        ["Name", "Type", "Meaning"],
        all.map((parameter) => [
          `<code>${html(parameter.name)}</code> <small>${parameter.in}${parameter.required ? ", required" : ""}</small>`,
          typeOf(parameter.schema),
          prose(parameter.description ?? parameter.schema?.description ?? ""),
        ]),
        "Parameters",
      )}`;

/** Returns an object's fields, or another type in one line. */
function fields(schema: Schema): string {
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return `<p>${typeOf(schema)}</p>`;
  const rows = properties.map(([name, inner]) => [
    `<code>${html(name)}</code>${schema.required?.includes(name) ? "" : " <small>optional</small>"}`,
    typeOf(inner),
    prose(inner.description ?? ""),
  ]);
  return table(["Field", "Type", "Meaning"], rows, "Fields");
}

const table = (heads: string[], rows: string[][], label: string): string =>
  `<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("")}</tbody></table></div>`;

function typeOf(schema: Schema | undefined, depth = 0): string {
  if (!schema) return "";
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return `<a href="#shape-${name}">${html(name)}</a>`;
  }
  if (schema.const !== undefined) return `<code>${html(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((value) => `<code>${html(String(value))}</code>`).join(" ");
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return parts.map((part) => typeOf(part, depth)).join(" or ");
  if (schema.allOf) return schema.allOf.map((part) => typeOf(part, depth)).join(" and ");
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type ?? "any"]).join(" or ");
  if (types.startsWith("array")) return `list of ${typeOf(schema.items, depth)}${types.slice(5)}`;
  if (schema.properties && depth < 2) {
    const inner = Object.entries(schema.properties).map(
      ([name, value]) => `${html(name)}: ${typeOf(value, depth + 1)}`,
    );
    return `{ ${inner.join(", ")} }`;
  }
  return `${types}${schema.format ? ` (${schema.format})` : ""}${bounds(schema)}`;
}

function bounds({ minLength, maxLength, minimum, maximum }: Schema): string {
  const [low, high, unit] = maxLength === undefined ? [minimum, maximum, ""] : [minLength, maxLength, " characters"];
  if (high === undefined || high > 1e9) return "";
  return `, ${low === undefined ? "at most " : `${low} to `}${high}${unit}`;
}

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, "-");

const html = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Returns text with `code` marked up. */
const prose = (text: string): string => html(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
