import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Bundle, Graph, GraphResource } from "../synth/graph.ts";
import { at, isDev, ofType, type Rule } from "./rule.ts";

// What holds of our functions, the queues in front of them and the rights they have.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);

interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** What an IAM role or policy of ours allows. */
function* allowed(resource: GraphResource): Iterable<Allowed> {
  const inline = at(resource, "inlinePolicies");
  const texts = [at(resource, "policy"), ...(Array.isArray(inline) ? inline.map((each) => record(each).policy) : [])];
  for (const text of texts) {
    const { Statement: found } = record(typeof text === "string" ? JSON.parse(text) : text);
    for (const each of (Array.isArray(found) ? found : [found]).map(record))
      if (each.Effect === "Allow") yield { actions: list(each.Action), resources: list(each.Resource) };
  }
}

/** Actions that may be allowed on `*`, and why. Everything else names what it is allowed on. */
const everywhere: readonly { readonly actions: RegExp; readonly because: string }[] = [
  { actions: /^xray:Put(TraceSegments|TelemetryRecords)$/, because: "Traces belong to nothing that has a name." },
  {
    actions: /^ec2:(Assign|Unassign)PrivateIpAddresses$|^ec2:(Create|Delete)NetworkInterface$|^ec2:Describe\w+$/,
    because: "Lambda lays a function's way into the network; the function's own code is denied them beside it.",
  },
  { actions: /^ses:GetAccount$/, because: "The account itself is what is asked about." },
  {
    actions: /^acm:RequestCertificate$/,
    because:
      "A certificate has no name before it is asked for. Three functions may, and only where CloudFront answers for it.",
  },
];

const iam = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];

/** What these parts of the house allow is judged by rules of their own, beside their reasons. */
const judgedElsewhere = /^(Deploy|Pipeline|Build|Backup|Dump|Restore|Workspace|Domains|Boundary)/;

const noWildcards: Rule = {
  name: "no wildcards",
  why: "A right on everything is a right that nobody has thought about.",
  *check(graph) {
    for (const resource of ofType(graph, ...iam)) {
      if (judgedElsewhere.test(resource.name)) continue;
      for (const { actions, resources } of allowed(resource)) {
        // SST's bridge of live development; personal stages only.
        if (isDev(graph) && actions.every((action) => action === "appsync:*" || action === "s3:*")) continue;
        for (const action of actions) {
          if (action.includes("*")) yield { resource: resource.name, message: `allows ${action}` };
          else if (resources.includes("*") && !everywhere.some((each) => each.actions.test(action)))
            yield { resource: resource.name, message: `allows ${action} on everything` };
        }
      }
    }
  },
};

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

/** A turn of the canary that was missed is seen by its own alarm; that a backup failed is seen in the vault as well. */
const needsNoDeadLetters = /^(CanarySchedule|BackupFailedTold)$/;

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
  const code = readdirSync(bundle.out)
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => readFileSync(path.join(bundle.out, file), "utf8"))
    .join("\n");
  // `export const Resource = createResource(...)`: names of functions are kept.
  const maker = /\(([\w$]+),"createResource"\)/.exec(code)?.[1];
  const made = maker && new RegExp(`([\\w$]+)=${escaped(maker)}\\(`).exec(code)?.[1];
  const found = new Set<string>();
  if (made) {
    const reads = new RegExp(`(?<![\\w$.])${escaped(made)}\\.(${knownResources().join("|")})\\b`, "g");
    for (const [, name = ""] of code.matchAll(reads)) found.add(name);
  }
  names.set(bundle.out, found);
  return found;
}

/** Not linked: every function has it, or only local stages do. */
const unlinked = new Set(["App", "LocalCloud"]);

/**
 * Modules that many share bring the names of these into bundles whose function never comes by that line. There it is not
 * linked, and reading it would be refused: a function is linked to them only where it works with them.
 */
const inSharedModules = new Set([
  "AuthTable",
  "Bus",
  "Domains",
  "Email",
  "MediaBucket",
  "PackagesBucket",
  "Platform",
  "SchoolRole",
  "Secrets",
  "Settings",
]);

const links: Rule = {
  name: "links are what is read",
  why: "A function knows what its code reads, and nothing else.",
  *check(graph) {
    // Under `sst dev` the code runs on a person's machine; what is uploaded is SST's own stand-in.
    for (const bundle of isDev(graph) ? [] : graph.bundles) {
      if (!existsSync(bundle.out) || bundle.links.length + resourcesIn(bundle).size === 0) continue;
      const read = resourcesIn(bundle);
      for (const name of read)
        if (!unlinked.has(name) && !inSharedModules.has(name) && !bundle.links.includes(name))
          yield { resource: bundle.name, message: `reads Resource.${name}, which is not linked` };
      for (const name of bundle.links)
        if (!read.has(name))
          yield { resource: bundle.name, message: `is linked to ${name}, which its code never reads` };
    }
  },
};

export const functionRules: readonly Rule[] = [
  noWildcards,
  runtime,
  deadLetters,
  visibility,
  retries,
  plainEnvironment,
  links,
];
