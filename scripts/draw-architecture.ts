// docs/architecture.drawio and docs/pictures/architecture.svg from one description, so that the two never differ.
// `node --import tsx scripts/draw-architecture.ts`; with --check it fails when a file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

interface Box {
  readonly id: string;
  readonly label: string;
  readonly note?: string;
  readonly at: readonly [x: number, y: number, width: number, height: number];
  readonly tone: keyof typeof tones;
}

const tones = {
  area: ["#f6f7f9", "#c9ced6"],
  edge: ["#fdeee2", "#d98a45"],
  code: ["#e6f1fb", "#4a86c5"],
  data: ["#e8f5ea", "#4f9a5e"],
  event: ["#f7e9f5", "#b0609f"],
  watch: ["#fbf6dc", "#b59a2b"],
} as const;

const boxes: readonly Box[] = [
  { id: "edgeArea", label: "Edge", at: [20, 110, 1240, 130], tone: "area" },
  {
    id: "vpcArea",
    label: "VPC, three zones: private subnets for code, subnets without a way out for data",
    at: [20, 270, 900, 400],
    tone: "area",
  },
  { id: "eventArea", label: "What happens because something happened", at: [940, 270, 320, 400], tone: "area" },
  { id: "watchArea", label: "Who is told, and how it is released", at: [20, 700, 1240, 130], tone: "area" },
  {
    id: "people",
    label: "People, applications",
    note: "school.lectern.example, own domains",
    at: [480, 20, 320, 60],
    tone: "area",
  },
  { id: "dns", label: "Route 53", note: "zone, wildcard, health checks", at: [40, 145, 220, 70], tone: "edge" },
  { id: "waf", label: "WAF", note: "managed rules, rates", at: [290, 145, 200, 70], tone: "edge" },
  {
    id: "cdn",
    label: "CloudFront router",
    note: "secret header, key: host and edition",
    at: [520, 145, 260, 70],
    tone: "edge",
  },
  {
    id: "tenants",
    label: "Multi-tenant distribution",
    note: "schools' own domains",
    at: [810, 145, 220, 70],
    tone: "edge",
  },
  { id: "content", label: "Content domain", note: "packages, apart", at: [1060, 145, 180, 70], tone: "edge" },
  { id: "web", label: "Web", note: "Remix on Lambda", at: [40, 310, 150, 70], tone: "code" },
  { id: "api", label: "API", note: "Hono on Lambda", at: [210, 310, 150, 70], tone: "code" },
  { id: "auth", label: "Sign-in", note: "OpenAuth on Lambda", at: [380, 310, 150, 70], tone: "code" },
  { id: "socket", label: "Websocket API", note: "Lambda", at: [550, 310, 150, 70], tone: "code" },
  { id: "workspace", label: "Workspace", note: "ALB, Fargate, 1 to 2 tasks", at: [720, 310, 180, 70], tone: "code" },
  { id: "proxy", label: "RDS Proxy", note: "TLS, IAM tokens", at: [40, 440, 180, 70], tone: "data" },
  { id: "aurora", label: "Aurora Postgres 17", note: "a schema per school", at: [40, 560, 220, 80], tone: "data" },
  { id: "dynamo", label: "DynamoDB", note: "directory, sign-in, school data", at: [290, 560, 220, 80], tone: "data" },
  { id: "files", label: "S3", note: "media, packages, exports, backups", at: [540, 560, 200, 80], tone: "data" },
  { id: "drive", label: "EFS", note: "shared drive", at: [770, 560, 130, 80], tone: "data" },
  { id: "wall", label: "Role of one school", note: "session tag, key prefixes", at: [380, 440, 250, 70], tone: "data" },
  { id: "relay", label: "Relay, crons", note: "outboxes, every minute", at: [960, 310, 280, 60], tone: "event" },
  { id: "bus", label: "EventBridge", note: "archive and replay", at: [960, 400, 280, 60], tone: "event" },
  { id: "queues", label: "SQS", note: "a queue and dead letters per reaction", at: [960, 490, 280, 60], tone: "event" },
  {
    id: "reactions",
    label: "Reactions",
    note: "Lambda; mail by SES, SMS by SNS",
    at: [960, 580, 280, 60],
    tone: "event",
  },
  { id: "logs", label: "Logs, metrics, traces", note: "EMF, X-Ray, canary", at: [40, 735, 210, 70], tone: "watch" },
  {
    id: "alarms",
    label: "Alarms, burn rates",
    note: "errors, performance, critical",
    at: [280, 735, 220, 70],
    tone: "watch",
  },
  {
    id: "trail",
    label: "CloudTrail, KMS, backups",
    note: "vault lock, second region",
    at: [530, 735, 230, 70],
    tone: "watch",
  },
  {
    id: "pipeline",
    label: "CodePipeline",
    note: "staging, load, approval, production",
    at: [790, 735, 240, 70],
    tone: "watch",
  },
  { id: "shift", label: "CodeDeploy", note: "canary and way back", at: [1060, 735, 180, 70], tone: "watch" },
];

const arrows: readonly (readonly [from: string, to: string])[] = [
  ["people", "cdn"],
  ["people", "tenants"],
  ["dns", "waf"],
  ["waf", "cdn"],
  ["tenants", "cdn"],
  ["cdn", "web"],
  ["cdn", "api"],
  ["cdn", "auth"],
  ["cdn", "workspace"],
  ["content", "files"],
  ["web", "proxy"],
  ["api", "proxy"],
  ["proxy", "aurora"],
  ["api", "wall"],
  ["auth", "wall"],
  ["socket", "wall"],
  ["wall", "dynamo"],
  ["wall", "files"],
  ["workspace", "drive"],
  ["relay", "bus"],
  ["bus", "queues"],
  ["queues", "reactions"],
  ["logs", "alarms"],
  ["alarms", "trail"],
  ["pipeline", "shift"],
];

const size = [1280, 850] as const;
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

const find = (id: string): Box => {
  const box = boxes.find((each) => each.id === id);
  if (!box) throw new Error(`there is no box ${id}`);
  return box;
};

/** From the edge of one box to the edge of the other, the short way. */
function line(from: Box, to: Box): [number, number, number, number] {
  const [ax, ay, aw, ah] = from.at;
  const [bx, by, bw, bh] = to.at;
  const clear = ay + ah <= by ? "down" : by + bh <= ay ? "up" : ax < bx ? "right" : "left";
  const middle = (start: number, length: number) => start + length / 2;
  if (clear === "down") return [middle(ax, aw), ay + ah, middle(bx, bw), by];
  if (clear === "up") return [middle(ax, aw), ay, middle(bx, bw), by + bh];
  return clear === "right"
    ? [ax + aw, middle(ay, ah), bx, middle(by, bh)]
    : [ax, middle(ay, ah), bx + bw, middle(by, bh)];
}

function svg(): string {
  const shapes = boxes.map(({ label, note, at: [x, y, width, height], tone }) => {
    const [fill, stroke] = tones[tone];
    const area = tone === "area" && height > 100;
    const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${fill}" stroke="${stroke}"/>`;
    if (area) return `${rect}<text x="${x + 14}" y="${y + 22}" class="title">${escaped(label)}</text>`;
    const center = x + width / 2;
    const top = y + height / 2 + (note ? -5 : 5);
    return `${rect}<text x="${center}" y="${top}" class="name">${escaped(label)}</text>${note ? `<text x="${center}" y="${top + 19}" class="note">${escaped(note)}</text>` : ""}`;
  });
  const lines = arrows.map(([from, to]) => {
    const [x1, y1, x2, y2] = line(find(from), find(to));
    return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#5b6470" stroke-width="1.5" marker-end="url(#head)"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size[0]} ${size[1]}" role="img" aria-labelledby="title">`,
    '<title id="title">Lectern on AWS: edge, code and data in a VPC, events, and how it is watched and released</title>',
    '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#5b6470"/></marker></defs>',
    "<style>text{font-family:system-ui,sans-serif;fill:#1d232b}.title{font-size:13px;font-weight:600;fill:#4a535f}.name{font-size:15px;font-weight:600;text-anchor:middle}.note{font-size:12px;fill:#4a535f;text-anchor:middle}</style>",
    `<rect width="${size[0]}" height="${size[1]}" fill="#ffffff"/>`,
    ...shapes,
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

function drawio(): string {
  const cells = boxes.map(({ id, label, note, at: [x, y, width, height], tone }) => {
    const [fill, stroke] = tones[tone];
    const area = tone === "area" && height > 100;
    const style = `rounded=1;whiteSpace=wrap;html=1;arcSize=8;fillColor=${fill};strokeColor=${stroke};${area ? "verticalAlign=top;align=left;spacingLeft=10;" : ""}`;
    const text = `<b>${escaped(label)}</b>${note ? `<br>${escaped(note)}` : ""}`;
    return `<mxCell id="${id}" value="${escaped(text)}" style="${style}" vertex="1" parent="1"><mxGeometry x="${x}" y="${y}" width="${width}" height="${height}" as="geometry"/></mxCell>`;
  });
  const edges = arrows.map(
    ([from, to]) =>
      `<mxCell id="${find(from).id}-${find(to).id}" style="endArrow=block;html=1;strokeColor=#5b6470;" edge="1" parent="1" source="${from}" target="${to}"><mxGeometry relative="1" as="geometry"/></mxCell>`,
  );
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
