import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Bundle, Graph } from "../synth/graph.ts";
import { keptReads } from "./kept-reads.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";
import { wildcardRules } from "./wildcards.ts";

// What holds of our functions, the queues in front of them and the rights they have.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const functionType = "aws:lambda/function:Function";
const queueType = "aws:sqs/queue:Queue";

/** Ours are made by functions.ts; the rest are SST's own helpers, without code of ours. */
const nodeFunctions = (graph: Graph) =>
  ofType(graph, functionType).filter((each) => graph.bundles.some(({ name }) => each.name === `${name}Function`));

const runtime: Rule = {
  name: "nodejs24 on arm64",
  why: "One runtime is one to know, to patch and to measure.",
  *check(graph) {
    if (isDev(graph)) return; // SST's bridge stands in for each function
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
 * A turn of the canary that was missed is seen by its own alarm; that a backup failed is seen in the vault as well, and that
 * an operator works in the audit trail.
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

/** SST encrypts a function's links under this key: what they hold are names and addresses. */
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

/** Every name that code may read as `Resource.<name>`: sst-env.d.ts says which there are. */
function knownResources(): readonly string[] {
  const types = readFileSync(path.join(import.meta.dirname, "../../sst-env.d.ts"), "utf8");
  return [...types.matchAll(/^ {4}([A-Z]\w+)\??:/gm)].map(([, name = ""]) => name);
}

const escaped = (name: string) => name.replaceAll("$", "\\$");

/** What of `Resource` a built bundle reads: minified, the object has another name, its properties have their own. */
export function resourcesIn(bundle: Pick<Bundle, "out">): ReadonlySet<string> {
  const known = names.get(bundle.out);
  if (known) return known;
  const files = readdirSync(bundle.out).filter((file) => file.endsWith(".mjs"));
  const code = new Map(files.map((file) => [file, readFileSync(path.join(bundle.out, file), "utf8")]));
  const found = new Set<string>();
  for (const [home, text] of code) {
    // `export const Resource = createResource(...)`, whose names are gone: it is the function with this message.
    const end = text.indexOf("is not linked in your sst.config.ts");
    const maker = end < 0 ? undefined : /.*function ([\w$]+)\(/s.exec(text.slice(Math.max(0, end - 2000), end))?.[1];
    const made = maker && new RegExp(`([\\w$]+)=${escaped(maker)}\\(`).exec(text)?.[1];
    if (!made) continue;
    // Another chunk imports it under a name of its own.
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

/** The name under which a chunk imports `exported` from the chunk `home`. */
function importedAs(code: string, home: string, exported: string): string | undefined {
  for (const [, list = ""] of code.matchAll(new RegExp(`import\\{([^}]*)\\}from"\\./${escaped(home)}"`, "g")))
    for (const each of list.split(",")) {
      const [name, alias = name] = each.split(" as ");
      if (name === exported) return alias;
    }
  return undefined;
}

/** Not linked: every function has it, or only local stages do. */
const unlinked = new Set(["App", "LocalCloud"]);

interface Elsewhere {
  readonly names: readonly string[];
  /** The declaration that leads there. Whatever reads one of the names by another way is told of. */
  readonly through: string;
  /** Of these functions; of all when left out. */
  readonly of?: RegExp;
  readonly because: string;
}

/** What the code could come to by its words and never does: there it is not linked, and reading it would be refused. */
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
    // Under `sst dev` the code runs on a person's machine; what is uploaded is SST's own stand-in.
    for (const bundle of isDev(graph) ? [] : graph.bundles) {
      // The pages' server is built by Vite: what of the code is in it is all there is to go by.
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

export const functionRules: readonly Rule[] = [
  ...wildcardRules,
  runtime,
  deadLetters,
  visibility,
  retries,
  plainEnvironment,
  links,
];
