// Draws docs/architecture.drawio and docs/pictures/architecture.svg from one description, so that they always match.
// `node --import tsx scripts/draw-architecture.ts`; --check fails when a file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

interface Box {
  readonly id: string;
  readonly label: string;
  readonly note?: string;
  readonly at: readonly [x: number, y: number, width: number, height: number];
  readonly tone: keyof typeof tones;
}

/** Fill and stroke, in light and dark mode. */
const tones = {
  area: ["#f6f5f1", "#e2e0d8", "#1b1e24", "#31353d"],
  plain: ["#ffffff", "#c9c6bc", "#24282f", "#4a505b"],
  edge: ["#fdf1e4", "#dba35c", "#33281b", "#8a6432"],
  code: ["#eaf2fb", "#7ba6d3", "#1b2a3a", "#40668f"],
  data: ["#e9f4ec", "#75b285", "#1b2d22", "#3f7450"],
  event: ["#f6edf6", "#bd8cb4", "#2d2230", "#7b5074"],
  watch: ["#faf6e0", "#c9b45a", "#2d2918", "#776a2c"],
} as const;

// Lanes with a title at the left and six columns.
const gutter = 176;
const gap = 18;
const column = 165;
/** Column offset and width inside a lane; fractions allowed. */
const inLane =
  (y: number) =>
  (from: number, over = 1): readonly [x: number, y: number, width: number, height: number] => [
    gutter + (from - 1) * (column + gap),
    y,
    over * (column + gap) - gap,
    68,
  ];
const edge = inLane(114);
const code = inLane(248);
const access = inLane(358);
const data = inLane(468);
const event = inLane(606);
const watch = inLane(732);

const boxes: readonly Box[] = [
  { id: "edgeArea", label: "Edge", at: [16, 98, 1256, 100], tone: "area" },
  {
    id: "vpcArea",
    label: "VPC, three zones",
    note: "private subnets for code, no way out for data",
    at: [16, 232, 1256, 320],
    tone: "area",
  },
  { id: "eventArea", label: "Because something happened", at: [16, 590, 1256, 100], tone: "area" },
  { id: "watchArea", label: "Watched and released", at: [16, 716, 1256, 100], tone: "area" },
  {
    id: "people",
    label: "People, applications",
    note: "school.lectern.example, schools' own domains",
    at: [gutter, 16, 1080, 56],
    tone: "plain",
  },
  { id: "dns", label: "Route 53", note: "zone, health checks", at: edge(1), tone: "edge" },
  { id: "waf", label: "WAF", note: "managed rules, rates", at: edge(2), tone: "edge" },
  { id: "cdn", label: "CloudFront router", note: "key: host and edition", at: edge(3), tone: "edge" },
  {
    id: "tenants",
    label: "Multi-tenant distribution",
    note: "own domains, behind the same WAF",
    at: edge(4, 2),
    tone: "edge",
  },
  { id: "content", label: "Content domain", note: "packages, apart", at: edge(6), tone: "edge" },
  { id: "workspace", label: "Workspace", note: "ALB, Fargate, 1 to 2", at: code(1), tone: "code" },
  { id: "web", label: "Web", note: "Remix on Lambda", at: code(2), tone: "code" },
  { id: "api", label: "API", note: "Hono on Lambda", at: code(3), tone: "code" },
  { id: "auth", label: "Sign-in", note: "OpenAuth on Lambda", at: code(4), tone: "code" },
  { id: "socket", label: "Websocket API", note: "Lambda", at: code(5), tone: "code" },
  { id: "proxy", label: "RDS Proxy", note: "TLS, IAM tokens", at: access(2, 1.4), tone: "data" },
  { id: "wall", label: "Role of one school", note: "session tag, key prefixes", at: access(3.4, 2.6), tone: "data" },
  { id: "drive", label: "EFS", note: "shared drive", at: data(1), tone: "data" },
  { id: "aurora", label: "Aurora Postgres 17", note: "a schema per school", at: data(2, 1.4), tone: "data" },
  { id: "dynamo", label: "DynamoDB", note: "directory, sign-in, school data", at: data(3.4, 1.3), tone: "data" },
  { id: "files", label: "S3", note: "media, packages, exports, backups", at: data(4.7, 2.3), tone: "data" },
  { id: "relay", label: "Relay, crons", note: "outboxes, every minute", at: event(1, 1.4), tone: "event" },
  { id: "bus", label: "EventBridge", note: "archive and replay", at: event(2.52, 1.4), tone: "event" },
  { id: "queues", label: "SQS", note: "dead letters per reaction", at: event(4.04, 1.4), tone: "event" },
  { id: "reactions", label: "Reactions", note: "Lambda; mail, text messages", at: event(5.56, 1.44), tone: "event" },
  { id: "logs", label: "Logs, metrics, traces", note: "EMF, X-Ray, canary", at: watch(1, 1.25), tone: "watch" },
  { id: "alarms", label: "Alarms", note: "errors, times, burn rates", at: watch(2.4, 1.05), tone: "watch" },
  {
    id: "trail",
    label: "CloudTrail, KMS, backups",
    note: "vault lock, second region",
    at: watch(3.5, 1.4),
    tone: "watch",
  },
  { id: "pipeline", label: "CodePipeline", note: "staging, approval", at: watch(4.95, 0.95), tone: "watch" },
  { id: "shift", label: "CodeDeploy", note: "canary, way back", at: watch(6.05, 0.95), tone: "watch" },
];

/** `leaves` and `arrives` are shares of the boxes' widths; default: the middle. */
const arrows: readonly (readonly [from: string, to: string, leaves?: number, arrives?: number])[] = [
  ["people", "dns"],
  ["people", "cdn"],
  ["people", "tenants"],
  ["people", "content"],
  ["waf", "cdn"],
  ["cdn", "workspace"],
  ["cdn", "web"],
  ["cdn", "api"],
  ["cdn", "auth"],
  ["tenants", "auth"],
  ["content", "files"],
  ["web", "proxy"],
  ["api", "proxy", 0.15],
  ["api", "wall", 0.75],
  ["auth", "wall"],
  ["socket", "wall"],
  ["proxy", "aurora"],
  ["wall", "dynamo"],
  ["wall", "files"],
  ["workspace", "drive"],
  ["aurora", "relay"],
  ["relay", "bus"],
  ["bus", "queues"],
  ["queues", "reactions"],
  ["logs", "alarms"],
  ["pipeline", "shift"],
];

const size = [1280, 836] as const;
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const find = (id: string): Box => {
  const box = boxes.find((each) => each.id === id);
  if (!box) throw new Error(`there is no box ${id}`);
  return box;
};

interface Ends {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly isDown: boolean;
}

/** Connects a box below straight down when both are aligned, else boxes side by side. */
function endsOf([fromId, toId, leaves, arrives]: (typeof arrows)[number]): Ends {
  const [ax, ay, aw, ah] = find(fromId).at;
  const [bx, by, bw, bh] = find(toId).at;
  if (ay + ah > by) return { from: [ax + aw, ay + ah / 2], to: [bx, by + bh / 2], isDown: false };
  const shared = [Math.max(ax, bx), Math.min(ax + aw, bx + bw)] as const;
  const overlap = shared[0] < shared[1] ? (shared[0] + shared[1]) / 2 : undefined;
  const start = leaves === undefined ? (overlap ?? ax + aw / 2) : ax + aw * leaves;
  const isUnder = start > bx && start < bx + bw;
  const end = arrives === undefined ? (isUnder ? start : (overlap ?? bx + bw / 2)) : bx + bw * arrives;
  return { from: [start, ay + ah], to: [end, by], isDown: true };
}

/** Uses horizontal and vertical lines only; a line between lanes bends halfway. */
function pathOf(arrow: (typeof arrows)[number]): string {
  const { from, to, isDown } = endsOf(arrow);
  const [[x1, y1], [x2, y2]] = [from, to];
  if (!isDown || x1 === x2) return `M${x1} ${y1}L${x2} ${y2}`;
  const turn = y1 + (y2 - y1) / 2;
  return `M${x1} ${y1}V${turn}H${x2}V${y2}`;
}

const isArea = ({ tone }: Box) => tone === "area";
/** Upper bounds of letter widths in common interface fonts. */
const letter = { title: 7.6, name: 8.4, note: 6.4 };

/** Breaks a text into lines no wider than `width`. */
function wrapped(text: string, width: number, per: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && (last.length + 1 + word.length) * per <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function requireFit({ label, note = "", at: [, , width] }: Box): void {
  if (Math.max(label.length * letter.name, note.length * letter.note) > width)
    throw new Error(`the words of "${label}" are wider than its box`);
}

function shape(box: Box): string {
  const { label, note = "", at, tone } = box;
  const [x, y, width, height] = at;
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${isArea(box) ? 14 : 8}" class="${tone}"/>`;
  if (isArea(box)) {
    const lines = [
      ...wrapped(label, gutter - 64, letter.title).map((text) => ["title", text]),
      ...wrapped(note, gutter - 56, letter.note).map((text) => ["aside", text]),
    ];
    const texts = lines.map(
      ([kind, text = ""], i) => `<text x="${x + 18}" y="${y + 30 + i * 18}" class="${kind}">${escaped(text)}</text>`,
    );
    // The title gives screen readers the whole label, which the drawing splits into lines.
    return `<g><title>${escaped(label)}</title>${rect}${texts.join("")}</g>`;
  }
  requireFit(box);
  const center = x + width / 2;
  const top = y + height / 2 + (note ? -4 : 5);
  return `${rect}<text x="${center}" y="${top}" class="name">${escaped(label)}</text>${note ? `<text x="${center}" y="${top + 19}" class="note">${escaped(note)}</text>` : ""}`;
}

const toneStyles = (night: 0 | 2) =>
  Object.entries(tones)
    .map(([name, tone]) => `.${name}{fill:${tone[night]};stroke:${tone[night + 1]}}`)
    .join("");

const style = [
  "text{font-family:'Instrument Sans',Inter,system-ui,sans-serif;fill:#211e19}",
  ".title{font-size:14px;font-weight:600}.name{font-size:15px;font-weight:600;text-anchor:middle}",
  ".note,.aside{font-size:12.5px;fill:#5b574e}.note{text-anchor:middle}.paper{fill:#fdfcfa}",
  ".way{fill:none;stroke:#77726a;stroke-width:1.5;stroke-linejoin:round}.head{fill:#77726a}",
  toneStyles(0),
  "@media(prefers-color-scheme:dark){text{fill:#eceef2}.note,.aside{fill:#b4b9c2}.paper{fill:#14161a}",
  `.way{stroke:#8b919c}.head{fill:#8b919c}${toneStyles(2)}}`,
].join("");

function svg(): string {
  const ways = arrows.map((arrow) => `<path d="${pathOf(arrow)}" class="way" marker-end="url(#head)"/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size[0]} ${size[1]}" role="img" aria-labelledby="title">`,
    '<title id="title">Lectern on AWS: edge, code and data in a VPC, events, and how it is watched and released</title>',
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0 8 4 0 8z" class="head"/></marker></defs>',
    `<style>${style}</style>`,
    `<rect width="${size[0]}" height="${size[1]}" rx="16" class="paper"/>`,
    ...boxes.filter(isArea).map(shape),
    ...ways,
    ...boxes.filter((box) => !isArea(box)).map(shape),
    "</svg>",
    "",
  ].join("\n");
}

function drawio(): string {
  const cells = boxes.map((box) => {
    const { id, label, note, at, tone } = box;
    const [x, y, width, height] = at;
    const [fill, stroke] = tones[tone];
    const style = `rounded=1;whiteSpace=wrap;html=1;arcSize=8;fillColor=${fill};strokeColor=${stroke};${isArea(box) ? `verticalAlign=top;align=left;spacingLeft=10;spacingTop=8;spacingRight=${width - gutter + 20};` : ""}`;
    const text = `<b>${escaped(label)}</b>${note ? `<br>${escaped(note)}` : ""}`;
    return `<mxCell id="${id}" value="${escaped(text)}" style="${style}" vertex="1" parent="1"><mxGeometry x="${x}" y="${y}" width="${width}" height="${height}" as="geometry"/></mxCell>`;
  });
  const edges = arrows.map((arrow) => {
    const [from, to] = arrow;
    const ends = endsOf(arrow);
    const share = (box: Box, x: number) => Number(((x - box.at[0]) / box.at[2]).toFixed(4));
    const [exit, entry] = [share(find(from), ends.from[0]), share(find(to), ends.to[0])];
    const sides = ends.isDown
      ? `exitX=${exit};exitY=1;entryX=${entry};entryY=0;`
      : "exitX=1;exitY=0.5;entryX=0;entryY=0.5;";
    return `<mxCell id="${from}-${to}" style="edgeStyle=orthogonalEdgeStyle;rounded=0;endArrow=block;endSize=4;html=1;strokeColor=#77726a;${sides}" edge="1" parent="1" source="${from}" target="${to}"><mxGeometry relative="1" as="geometry"/></mxCell>`;
  });
  return [
    '<mxfile host="lectern"><diagram id="architecture" name="Lectern on AWS">',
    `<mxGraphModel dx="${size[0]}" dy="${size[1]}" grid="1" page="1" pageWidth="${size[0]}" pageHeight="${size[1]}"><root>`,
    '<mxCell id="0"/><mxCell id="1" parent="0"/>',
    ...cells,
    ...edges,
    "</root></mxGraphModel></diagram></mxfile>",
    "",
  ].join("\n");
}

const root = path.resolve(import.meta.dirname, "..");
for (const [name, text] of [
  ["docs/architecture.drawio", drawio()],
  ["docs/pictures/architecture.svg", svg()],
] as const) {
  const file = path.join(root, name);
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (readFileSync(file, "utf8") !== text) {
    console.error(`${name} is out of date: run node --import tsx scripts/draw-architecture.ts`);
    process.exitCode = 1;
  }
}
