import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";

// Third-party code in the pipelines: install scripts never see an identity, and actions are pinned to commits. Each
// check finds nothing, and then the mistake planted here.

const root = path.join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");
const filesIn = (folder: string) => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);

/** Commits of the actions' releases, looked up in their repositories. */
const known: Readonly<Record<string, string>> = {
  "actions/checkout@11d5960a326750d5838078e36cf38b85af677262": "v4.4.0",
  "actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020": "v4.4.0",
  "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02": "v4.6.2",
  "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093": "v4.3.0",
  "aws-actions/configure-aws-credentials@7474bc4690e29a8392af63c5b98e7449536d5c3a": "v4.3.1",
};

interface Job {
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly { readonly run?: string; readonly uses?: string }[];
}
interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

function findingsOf(text: string): string[] {
  const found: string[] = [];
  for (const [line, action, version = ""] of text.matchAll(/uses: (\S+)(?: # (\S+))?$/gm)) {
    if (action?.startsWith("./")) continue;
    if (known[action ?? ""] !== version || version === "")
      found.push(`not pinned by a commit that was looked up: ${line}`);
  }
  const { permissions, jobs }: Workflow = parseDocument(text).toJS();
  if (JSON.stringify(permissions) !== '{"contents":"read"}') found.push("gives every job more than reading");
  for (const [name, job] of Object.entries(jobs)) {
    const commands = (job.steps ?? []).flatMap(({ run }) => (run ? [run] : []));
    for (const command of commands.filter((each) => /\bnpm (ci|install|i)\b|\bnpx\b/.test(each))) {
      if (job.permissions?.["id-token"]) found.push(`${name} installs where it may ask for an identity: ${command}`);
      if (name !== "test" && !command.includes("--ignore-scripts"))
        found.push(`${name} runs install scripts: ${command}`);
    }
    if (job.permissions?.["id-token"] && commands.some((each) => /\bnpm run build\b/.test(each)))
      found.push(`${name} builds where it may ask for an identity`);
  }
  return found;
}

const workflows = filesIn(".github/workflows");

test.each(workflows)("%s pins its actions and installs without an identity", (file) => {
  expect(findingsOf(read(file))).toEqual([]);
});

const mistakes: readonly (readonly [mistake: string, from: string | RegExp, to: string])[] = [
  ["an action by its tag", /checkout@\S+ # \S+/, "checkout@v4"],
  ["a commit nobody looked up", /checkout@\w+/, "checkout@0000000000000000000000000000000000000000"],
  ["a commit under another version", "# v4.4.0", "# v5.0.0"],
  ["an install beside the identity", "- run: tar --zstd -xf", "- run: npm ci --ignore-scripts && tar --zstd -xf"],
  ["a build beside the identity", "- run: tar --zstd -xf", "- run: npm run build && tar --zstd -xf"],
  ["install scripts", "npm ci --ignore-scripts", "npm ci"],
  [
    "an identity for every job",
    "\npermissions: { contents: read }",
    "\npermissions: { contents: read, id-token: write }",
  ],
];
test.each(mistakes)("finds %s", (_, from, to) => {
  const text = read(".github/workflows/deploy-stage.yml");
  const planted = text.replace(from, to);
  expect(planted).not.toBe(text);
  expect(findingsOf(planted)).not.toEqual([]);
});

test("the pipeline in AWS runs install scripts for tests only, and both audit what they install", () => {
  for (const file of filesIn("infra/delivery/buildspec"))
    for (const [command] of read(file).matchAll(/npm ci[^,\]\n]*/g))
      if (!file.endsWith("/test.yml")) expect(command, file).toContain("--ignore-scripts");
  for (const file of [".github/workflows/deploy.yml", "infra/delivery/buildspec/build.yml"])
    expect(read(file)).toContain("npm audit --audit-level=high");
  expect(read(".npmrc")).not.toMatch(/audit\s*=\s*false/);
});
