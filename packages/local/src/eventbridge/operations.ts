import { randomUUID } from "node:crypto";
import { isRecord } from "../util/files.ts";
import { ruleArn } from "./delivery.ts";
import { compilePattern, type Matcher } from "./pattern.ts";
import type { EventStore, NewDelivery, Rule, Target } from "./store.ts";

/** An error answer: `name` becomes `__type`. */
export class EventBridgeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
const invalid = (message: string) => new EventBridgeError("ValidationException", message);
const missing = (message: string) => new EventBridgeError("ResourceNotFoundException", message);

const account = "000000000000";
const region = "us-east-1";
const maxEntries = 10;
const maxBytes = 256 * 1024;
const maxTargets = 5;

type Input = Record<string, unknown>;
type Output = Record<string, unknown>;

export class Operations {
  readonly #store: EventStore;
  readonly #stored: () => void;
  #rules: (Rule & { matches: Matcher })[] = [];
  #buses = new Set<string>();

  /** @param stored called after deliveries were written to the store */
  constructor(store: EventStore, stored: () => void) {
    this.#store = store;
    this.#stored = stored;
    this.#load();
  }

  #load(): void {
    this.#buses = new Set(this.#store.buses());
    this.#rules = this.#store.rules().map((rule) => ({ ...rule, matches: compilePattern(rule.pattern) }));
  }

  run(operation: string, input: Input): Output {
    switch (operation) {
      case "PutEvents":
        return this.#putEvents(input);
      case "TestEventPattern":
        return { Result: compilePattern(text(input, "EventPattern"))(testEvent(text(input, "Event"))) };
      case "PutRule":
        return this.#putRule(input);
      case "DescribeRule":
        return { ...described(this.#rule(input)), EventBusName: busOf(input) };
      case "ListRules":
        return this.#listRules(input);
      case "DeleteRule":
        return this.#deleteRule(input);
      case "EnableRule":
        return this.#setState(input, "ENABLED");
      case "DisableRule":
        return this.#setState(input, "DISABLED");
      case "PutTargets":
        return this.#putTargets(input);
      case "RemoveTargets":
        return this.#removeTargets(input);
      case "ListTargetsByRule":
        return { Targets: this.#rule(input).targets };
      case "ListRuleNamesByTarget":
        return this.#rulesOfTarget(input);
      case "CreateEventBus":
        return this.#createBus(input);
      case "DescribeEventBus":
        return this.#bus(typeof input.Name === "string" ? input.Name : "default");
      case "ListEventBuses":
        return { EventBuses: [...this.#buses].map((name) => this.#bus(name)) };
      case "DeleteEventBus":
        return this.#deleteBus(input);
      default:
        throw new EventBridgeError("UnknownOperationException", `${operation} is not emulated.`);
    }
  }

  /** Stores one delivery per entry and matching target; answers once they are on disk. */
  #putEvents(input: Input): Output {
    const entries: unknown[] = Array.isArray(input.Entries) ? input.Entries : [];
    if (entries.length === 0 || entries.length > maxEntries) {
      throw invalid(
        `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${
          entries.length === 0 ? "greater than or equal to 1" : `less than or equal to ${maxEntries}`
        }`,
      );
    }
    const size = entries.reduce((sum: number, entry) => sum + sizeOf(entry), 0);
    if (size > maxBytes) throw invalid("Total size of the entries in the request is over the limit.");

    const deliveries: NewDelivery[] = [];
    const results = entries.map((entry) => {
      const problem = this.#problemOf(entry);
      if (problem || !isRecord(entry)) {
        return { ErrorCode: problem?.[0] ?? "InvalidArgument", ErrorMessage: problem?.[1] ?? "Entry is not valid." };
      }
      const event = envelope(entry);
      const body = JSON.stringify(event);
      const bus = busOf(entry);
      for (const rule of this.#rules) {
        if (rule.bus !== bus || rule.state !== "ENABLED" || !rule.matches(event)) continue;
        for (const target of rule.targets) deliveries.push({ bus, rule: rule.name, target, event: body });
      }
      return { EventId: event.id };
    });
    if (deliveries.length > 0) {
      this.#store.addDeliveries(deliveries);
      this.#stored();
    }
    return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
  }

  #problemOf(entry: unknown): [string, string] | undefined {
    if (!isRecord(entry)) return ["InvalidArgument", "Entry is not valid."];
    for (const name of ["Source", "DetailType", "Detail"]) {
      const value = entry[name];
      if (typeof value !== "string" || value === "") {
        return ["InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`];
      }
    }
    if (String(entry.Source).startsWith("aws.") && Reflect.get(entry, fromAws) !== true) {
      return ["NotAuthorizedForSourceException", "Not authorized for the source."];
    }
    if (!isRecord(parsed(String(entry.Detail)))) return ["MalformedDetail", "Detail is malformed."];
    if (!this.#buses.has(busOf(entry))) return ["InvalidArgument", `Event bus ${busOf(entry)} does not exist.`];
    return undefined;
  }

  #putRule(input: Input): Output {
    const name = text(input, "Name");
    if (!/^[.\-_A-Za-z0-9]{1,64}$/.test(name)) throw invalid("Parameter Name is not valid.");
    if (input.ScheduleExpression !== undefined)
      throw invalid("Schedules run in the worker's crons, not in local rules.");
    const bus = this.#existing(busOf(input));
    const pattern = text(input, "EventPattern");
    compilePattern(pattern);
    this.#store.putRule({
      bus,
      name,
      pattern,
      state: input.State === "DISABLED" ? "DISABLED" : "ENABLED",
      description: typeof input.Description === "string" ? input.Description : "",
    });
    this.#load();
    return { RuleArn: ruleArn(bus, name) };
  }

  #listRules(input: Input): Output {
    const bus = this.#existing(busOf(input));
    const prefix = typeof input.NamePrefix === "string" ? input.NamePrefix : "";
    const rules = this.#rules.filter((rule) => rule.bus === bus && rule.name.startsWith(prefix));
    const from = typeof input.NextToken === "string" ? Number(input.NextToken) : 0;
    const to = from + (typeof input.Limit === "number" ? input.Limit : 100);
    return {
      Rules: rules.slice(from, to).map((rule) => ({ ...described(rule), EventBusName: bus })),
      ...(to < rules.length && { NextToken: String(to) }),
    };
  }

  #deleteRule(input: Input): Output {
    const bus = busOf(input);
    const name = text(input, "Name");
    const rule = this.#rules.find((each) => each.bus === bus && each.name === name);
    if (rule && rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
    this.#store.removeRule(bus, name);
    this.#load();
    return {};
  }

  #setState(input: Input, state: Rule["state"]): Output {
    this.#store.putRule({ ...this.#rule(input), state });
    this.#load();
    return {};
  }

  #putTargets(input: Input): Output {
    const rule = this.#rule(input);
    const targets = (Array.isArray(input.Targets) ? input.Targets : []).filter(isTarget);
    const ids = new Set([...rule.targets, ...targets].map((target) => target.Id));
    if (targets.length === 0) throw invalid("Targets must not be empty.");
    if (ids.size > maxTargets) {
      throw new EventBridgeError(
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
      );
    }
    for (const target of targets) {
      if (!/^arn:aws:(sqs|lambda):/.test(target.Arn)) {
        throw invalid(
          `Parameter ${target.Arn} is not valid. Reason: only queues and functions are emulated as targets.`,
        );
      }
    }
    this.#store.putTargets(rule.bus, rule.name, targets);
    this.#load();
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  #removeTargets(input: Input): Output {
    const rule = this.#rule(input);
    this.#store.removeTargets(rule.bus, rule.name, (Array.isArray(input.Ids) ? input.Ids : []).map(String));
    this.#load();
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  #rulesOfTarget(input: Input): Output {
    const arn = text(input, "TargetArn");
    const bus = busOf(input);
    const rules = this.#rules.filter((rule) => rule.bus === bus && rule.targets.some((target) => target.Arn === arn));
    return { RuleNames: rules.map((rule) => rule.name) };
  }

  #createBus(input: Input): Output {
    const name = text(input, "Name");
    if (this.#buses.has(name)) {
      throw new EventBridgeError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
    }
    this.#store.addBus(name);
    this.#load();
    return { EventBusArn: busArn(name) };
  }

  #bus(name: string): Output {
    return { Name: this.#existing(name), Arn: busArn(name) };
  }

  #deleteBus(input: Input): Output {
    const name = text(input, "Name");
    if (name === "default") throw invalid("Cannot delete event bus default.");
    if (this.#rules.some((rule) => rule.bus === name)) throw invalid(`Event bus ${name} has rules.`);
    this.#store.removeBus(name);
    this.#load();
    return {};
  }

  #existing(bus: string): string {
    if (!this.#buses.has(bus)) throw missing(`Event bus ${bus} does not exist.`);
    return bus;
  }

  #rule(input: Input): Rule {
    const bus = this.#existing(busOf(input));
    const name = typeof input.Rule === "string" ? input.Rule : text(input, "Name");
    const rule = this.#rules.find((each) => each.bus === bus && each.name === name);
    if (!rule) throw missing(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }
}

/** Marks an entry of an AWS service; a symbol, so that no client can send it. */
export const fromAws = Symbol("from AWS");

export const busArn = (name: string): string => `arn:aws:events:${region}:${account}:event-bus/${name}`;

/** A bus may be named by its ARN. */
function busOf(input: Input): string {
  const name = typeof input.EventBusName === "string" ? input.EventBusName : "default";
  return name.slice(name.lastIndexOf("/") + 1);
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== "string" || value === "")
    throw invalid(`Parameter ${name} is not valid. Reason: it is required.`);
  return value;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** AWS requires the whole event here, so a test cannot pass on fields that real events always have. */
function testEvent(json: string): unknown {
  const event = parsed(json);
  const needed = ["id", "account", "source", "time", "region", "resources", "detail-type"];
  if (!isRecord(event) || needed.some((name) => !(name in event))) {
    throw invalid(`Parameter Event is not valid. Reason: it must have the fields ${needed.join(", ")}.`);
  }
  return event;
}

const isTarget = (value: unknown): value is Target =>
  isRecord(value) && typeof value.Id === "string" && typeof value.Arn === "string";

const described = (rule: Rule) => ({
  Name: rule.name,
  Arn: ruleArn(rule.bus, rule.name),
  EventPattern: rule.pattern,
  State: rule.state,
  Description: rule.description,
});

/** AWS counts 14 bytes for a time, and the UTF-8 length of the rest. */
function sizeOf(entry: unknown): number {
  if (!isRecord(entry)) return 0;
  const bytes = (value: unknown) => (typeof value === "string" ? Buffer.byteLength(value) : 0);
  const resources: unknown[] = Array.isArray(entry.Resources) ? entry.Resources : [];
  const time = entry.Time === undefined ? 0 : 14;
  return resources.reduce(
    (sum: number, each) => sum + bytes(each),
    time + bytes(entry.Source) + bytes(entry.DetailType) + bytes(entry.Detail),
  );
}

function envelope(entry: Input) {
  const time = typeof entry.Time === "number" ? new Date(entry.Time * 1000) : new Date();
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": entry.DetailType,
    source: entry.Source,
    account,
    time: `${time.toISOString().slice(0, 19)}Z`,
    region,
    resources: Array.isArray(entry.Resources) ? entry.Resources.map(String) : [],
    detail: parsed(String(entry.Detail)),
  };
}
