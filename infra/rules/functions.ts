import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Bundle, Graph } from "../synth/graph.ts";
import { keptReads } from "./kept-reads.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";
import { wildcardRules } from "./wildcards.ts";

// Rules on functions, their queues and their rights.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const functionType = "aws:lambda/function:Function";
const queueType = "aws:sqs/queue:Queue";

/** Excludes SST's helpers, which contain none of our code. */
const nodeFunctions = (graph: Graph) =>
  ofType(graph, functionType).filter((each) => graph.bundles.some(({ name }) => each.name === `${name}Function`));

const runtime: Rule = {
  name: "nodejs24 on arm64",
  why: "One runtime is one to know, to patch and to measure.",
  *check(graph) {
    if (isDev(graph)) return;
    for (const each of nodeFunctions(graph)) {
      const found = `${String(at(each, "runtime"))} on ${String(at(each, "architectures", 0))}`;
      if (found !== "nodejs24.x on arm64") yield { resource: each.name, message: `runs ${found}` };
    }
  },
};

const queueOf = (graph: Graph, arn: unknown) =>
  ofType(graph, queueType).find((queue) => String(arn).endsWith(`:${String(at(queue, "name"))}`));

const deadLetters: Rule = {
  name: "dead letters",
  why: "A message that nobody could take must rest where somebody sees it.",
  *check(graph) {
    for (const queue of ofType(graph, queueType)) {
      if (/^Dead/.test(queue.name)) continue;
      const redrive = at(queue, "redrivePolicy");
      const { deadLetterTargetArn } = record(typeof redrive === "string" ? JSON.parse(redrive) : redrive);
      if (!queueOf(graph, deadLetterTargetArn)) yield { resource: queue.name, message: "has no dead-letter queue" };
    }
  },
};

const visibility: Rule = {
  name: "visibility",
  why: "A message must stay hidden for six times as long as its function may take, or it is worked on twice at once.",
  *check(graph) {
    for (const source of ofType(graph, "aws:lambda/eventSourceMapping:EventSourceMapping")) {
      const queue = queueOf(graph, at(source, "eventSourceArn"));
      const target = String(at(source, "functionName"));
      const reader = ofType(graph, functionType).find((each) => target.includes(`:${String(at(each, "name"))}:`));
      const hidden = Number(queue && at(queue, "visibilityTimeoutSeconds"));
      const timeout = Number(reader && at(reader, "timeout"));
      if (!(hidden >= 6 * timeout))
        yield {
          resource: source.name,
          message: `hides messages for ${hidden} s of a function that may take ${timeout} s`,
        };
    }
  },
};

/**
 * The canary's own alarm detects missed runs. The backup vault also shows failed backups, and CloudTrail records
 * operators' commands.
 */
const needsNoDeadLetters = /^(Canary\w*Schedule|BackupFailedTold|OperatorWorksTold)$/;

const retries: Rule = {
  name: "retry policies",
  why: "What cannot be delivered is tried again for a stated time, and then kept.",
  *check(graph) {
    for (const target of ofType(graph, "aws:cloudwatch/eventTarget:EventTarget")) {
      if (at(target, "retryPolicy", "maximumRetryAttempts") === undefined)
        yield { resource: target.name, message: "has no retry policy" };
      if (!at(target, "deadLetterConfig", "arn") && !needsNoDeadLetters.test(target.name))
        yield { resource: target.name, message: "has no dead-letter queue" };
    }
    for (const schedule of ofType(graph, "aws:scheduler/schedule:Schedule")) {
      if (at(schedule, "target", "retryPolicy", "maximumRetryAttempts") === undefined)
        yield { resource: schedule.name, message: "has no retry policy" };
      if (!at(schedule, "target", "deadLetterConfig", "arn") && !needsNoDeadLetters.test(schedule.name))
        yield { resource: schedule.name, message: "has no dead-letter queue" };
    }
  },
};

/** SST encrypts a function's links with this key; links contain only names and addresses. */
const knownKeys = new Set(["SST_KEY", "SST_KEY_FILE"]);
const looksSecret = /secret|password|passwd|token|credential|_key$|^key$/i;

const plainEnvironment: Rule = {
  name: "no secret in an environment",
  why: "Whoever may look at a function's settings reads its environment; secrets are read from Secrets Manager at run time.",
  *check(graph) {
    const values = ofType(graph, "aws:secretsmanager/secretVersion:SecretVersion").map((each) => {
      const found = at(each, "secretStringWo");
      return String(record(found).value ?? found ?? "");
    });
    for (const each of ofType(graph, functionType)) {
      for (const [name, value] of Object.entries(record(at(each, "environment", "variables")))) {
        if (knownKeys.has(name)) continue;
        const isValue = values.some((secret) => secret.length > 8 && String(value).includes(secret));
        if (looksSecret.test(name) || isValue)
          yield { resource: each.name, message: `${name} in its environment is or looks like a secret` };
        if (name.startsWith("SST_RESOURCE_") && name !== "SST_RESOURCE_App")
          yield { resource: each.name, message: `${name} is a link in clear text` };
      }
    }
  },
};

const names = new Map<string, ReadonlySet<string>>();

/** Every name that code may read as `Resource.<name>`, from sst-env.d.ts. */
function knownResources(): readonly string[] {
  const types = readFileSync(path.join(import.meta.dirname, "../../sst-env.d.ts"), "utf8");
  return [...types.matchAll(/^ {4}([A-Z]\w+)\??:/gm)].map(([, name = ""]) => name);
}

const escaped = (name: string) => name.replaceAll("$", "\\$");

export function resourcesIn(bundle: Pick<Bundle, "out">): ReadonlySet<string> {
  const known = names.get(bundle.out);
  if (known) return known;
  const files = readdirSync(bundle.out).filter((file) => file.endsWith(".mjs"));
  const code = new Map(files.map((file) => [file, readFileSync(path.join(bundle.out, file), "utf8")]));
  const found = new Set<string>();
  for (const [home, text] of code) {
    // In minified code, `Resource`'s factory is recognized by its error message.
    const end = text.indexOf("is not linked in your sst.config.ts");
    const maker = end < 0 ? undefined : /.*function ([\w$]+)\(/s.exec(text.slice(Math.max(0, end - 2000), end))?.[1];
    const made = maker && new RegExp(`([\\w$]+)=${escaped(maker)}\\(`).exec(text)?.[1];
    if (!made) continue;
    // Other chunks import it under another name.
    const exported = new RegExp(`[{,]${escaped(made)} as ([\\w$]+)[,}]`).exec(text)?.[1] ?? made;
    for (const [file, each] of code) {
      const local = file === home ? made : importedAs(each, home, exported);
      if (!local) continue;
      const reads = new RegExp(`(?<![\\w$.])${escaped(local)}\\.(${knownResources().join("|")})\\b`, "g");
      for (const [, name = ""] of each.matchAll(reads)) found.add(name);
    }
  }
  names.set(bundle.out, found);
  return found;
}

/** Returns the name under which a chunk imports `exported` from the chunk `home`. */
function importedAs(code: string, home: string, exported: string): string | undefined {
  for (const [, list = ""] of code.matchAll(new RegExp(`import\\{([^}]*)\\}from"\\./${escaped(home)}"`, "g")))
    for (const each of list.split(",")) {
      const [name, alias = name] = each.split(" as ");
      if (name === exported) return alias;
    }
  return undefined;
}

/** Not linked: every function has the first, local stages have the second. */
const unlinked = new Set(["App", "LocalCloud"]);

interface Elsewhere {
  readonly names: readonly string[];
  readonly through: string;
  readonly of?: RegExp;
  readonly because: string;
}

/**
 * Code that the static analysis follows but that never runs in these functions, so the resource is not linked. A read
 * there would fail.
 */
const neverReached: readonly Elsewhere[] = [
  {
    names: ["Platform"],
    through: "packages/core/src/kernel/directory/index.ts#hosts",
    because:
      "Only the host of a request leads to the platform's domain. Who works for queues and schedules is told a school's id, and of hosts does no more than forget them.",
  },
  {
    names: ["SchoolRole", "MediaBucket", "PackagesBucket"],
    through: "packages/core/src/kernel/dynamo/index.ts#dataEntity",
    of: /^Cron(Relay|Dispatch)$/,
    because:
      "The relay and the dispatcher read the index of all schools as themselves (`OutboxItem.asPlatform`, `DueItem.asPlatform`); they never work as one school.",
  },
];

const isElsewhere = (bundle: Bundle, name: string): boolean =>
  neverReached.some(
    ({ names, through, of }) =>
      names.includes(name) &&
      (of?.test(bundle.name) ?? true) &&
      !keptReads(bundle.source, new Set([through])).has(name),
  );

const links: Rule = {
  name: "links are what is read",
  why: "A function knows what its code reads, and nothing else.",
  *check(graph) {
    // Under `sst dev` SST uploads its own bridge, and the code runs on a person's machine.
    for (const bundle of isDev(graph) ? [] : graph.bundles) {
      // Vite builds the page server, so only its bundle shows what it reads.
      const isFollowed = bundle.source?.startsWith("packages/functions/") === true;
      if (!isFollowed && (!existsSync(bundle.out) || bundle.links.length + resourcesIn(bundle).size === 0)) continue;
      const read = isFollowed
        ? keptReads(bundle.source)
        : new Map([...resourcesIn(bundle)].map((name) => [name, "its bundle"]));
      for (const [name, place] of read)
        if (!unlinked.has(name) && !bundle.links.includes(name) && !(isFollowed && isElsewhere(bundle, name)))
          yield { resource: bundle.name, message: `reads Resource.${name} (${place}), which is not linked` };
      for (const name of bundle.links)
        if (!read.has(name) || (isFollowed && isElsewhere(bundle, name)))
          yield { resource: bundle.name, message: `is linked to ${name}, which its code never reads` };
    }
  },
};

/** Renders mails with React Email. */
const renderer = "OnNotifications";

const react: Rule = {
  name: "react in one function",
  why: "Every cold start reads the whole bundle, and only the function that renders mails needs React.",
  *check(graph) {
    for (const { name, source, out } of isDev(graph) ? [] : graph.bundles) {
      if (!source?.startsWith("packages/functions/")) continue;
      const has = readdirSync(out).some(
        (file) => file.endsWith(".mjs") && readFileSync(path.join(out, file), "utf8").includes("react.forward_ref"),
      );
      if (has !== (name === renderer))
        yield { resource: name, message: has ? "holds React" : "renders mails and holds no React" };
    }
  },
};

export const functionRules: readonly Rule[] = [
  ...wildcardRules,
  runtime,
  deadLetters,
  visibility,
  retries,
  plainEnvironment,
  links,
  react,
];
