import { isRecord } from "../util/files.ts";
import { cidrBlock } from "./cidr.ts";
import { wildcard } from "./wildcard.ts";

export class InvalidPattern extends Error {
  override readonly name = "InvalidEventPatternException";
  constructor(reason: string) {
    super(`Event pattern is not valid. Reason: ${reason}`);
  }
}

export type Matcher = (event: unknown) => boolean;
type Test = (value: unknown) => boolean;

const maxLength = 4096;

/**
 * Compiles an event pattern: exact, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists, cidr,
 * `$or`, nested fields.
 * @param text the pattern's JSON
 * @throws InvalidPattern with the position and the reason
 */
export function compilePattern(text: string): Matcher {
  if (text.length > maxLength) throw new InvalidPattern(`it is longer than ${maxLength} characters`);
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw new InvalidPattern("it is not JSON");
  }
  if (!isRecord(pattern)) throw new InvalidPattern("Filter is not an object");
  return object(pattern, "");
}

function object(pattern: Record<string, unknown>, path: string): Matcher {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidPattern(`Empty objects are not allowed${path && ` (at ${path})`}`);
  const conditions = entries.map(([name, value]): ((event: Record<string, unknown>) => boolean) => {
    if (name === "$or") {
      const branches = alternatives(value, path);
      return (event) => branches.some((matches) => matches(event));
    }
    const field = fieldAt(value, path ? `${path}.${name}` : name);
    return (event) => field(Object.hasOwn(event, name) ? event[name] : undefined);
  });
  // In a list of objects, one object must meet all conditions.
  const all: Matcher = (event) => {
    if (Array.isArray(event)) return event.some(all);
    return conditions.every((holds) => holds(isRecord(event) ? event : {}));
  };
  return all;
}

function alternatives(value: unknown, path: string): Matcher[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isRecord)) {
    throw new InvalidPattern(`$or takes a list of objects${path && ` (at ${path})`}`);
  }
  return value.map((branch) => object(branch, path));
}

function fieldAt(value: unknown, path: string): Matcher {
  if (isRecord(value)) return object(value, path);
  if (!Array.isArray(value)) throw new InvalidPattern(`"${path}" must be an object or an array`);
  if (value.length === 0) throw new InvalidPattern(`Empty arrays are not allowed (at ${path})`);
  const wanted = value.map((condition) => leaf(condition, path));
  return (found) => {
    const values = leaves(found);
    return wanted.some(({ test, absent }) => (values.length === 0 ? absent : !absent && values.some(test)));
  };
}

/** Returns a field's scalars, flattening nested lists; an object is no leaf. */
function leaves(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leaves);
  return value === undefined || isRecord(value) ? [] : [value];
}

interface Leaf {
  test: Test;
  /** Set for `{"exists": false}`, which matches only a field without a value. */
  absent: boolean;
}

const present = (test: Test): Leaf => ({ test, absent: false });

function leaf(condition: unknown, path: string): Leaf {
  if (Array.isArray(condition))
    throw new InvalidPattern(`Match value must be String, number, true, false, or null (at ${path})`);
  if (!isRecord(condition)) return present((value) => value === condition);
  const [kind, argument] = only(condition, path);
  if (kind === "exists") {
    if (typeof argument !== "boolean") throw new InvalidPattern(`exists takes true or false (at ${path})`);
    return { test: () => true, absent: !argument };
  }
  if (kind === "anything-but") return present(anythingBut(argument, path));
  if (kind === "numeric") return present(numeric(argument, path));
  if (kind === "cidr") return present(cidr(argument, path));
  const test = textual(kind, argument, path);
  if (!test) throw new InvalidPattern(`Unrecognized match type ${kind} (at ${path})`);
  return present(test);
}

function only(condition: Record<string, unknown>, path: string): [string, unknown] {
  const [first, ...others] = Object.entries(condition);
  if (!first || others.length > 0) throw new InvalidPattern(`Only one key allowed in match expression (at ${path})`);
  return first;
}

/** Compiles a test on text, which `anything-but` may negate; undefined for an unknown kind. */
function textual(kind: string, argument: unknown, path: string): Test | undefined {
  switch (kind) {
    case "prefix":
    case "suffix": {
      const from = (value: string, part: string) => (kind === "prefix" ? value.startsWith(part) : value.endsWith(part));
      if (isRecord(argument)) {
        const [inner, part] = only(argument, path);
        if (inner !== "equals-ignore-case")
          throw new InvalidPattern(`Unsupported anything but ${inner} in ${kind} (at ${path})`);
        const small = string(part, kind, path).toLowerCase();
        return (value) => typeof value === "string" && from(value.toLowerCase(), small);
      }
      const part = string(argument, kind, path);
      return (value) => typeof value === "string" && from(value, part);
    }
    case "equals-ignore-case": {
      const small = string(argument, kind, path, true).toLowerCase();
      return (value) => typeof value === "string" && value.toLowerCase() === small;
    }
    case "wildcard": {
      const matches = wildcard(
        string(argument, kind, path, true),
        (reason) => new InvalidPattern(`${reason} (at ${path})`),
      );
      return (value) => typeof value === "string" && matches(value);
    }
    default:
      return undefined;
  }
}

function string(value: unknown, kind: string, path: string, emptyAllowed = false): string {
  if (typeof value !== "string") throw new InvalidPattern(`${kind} match pattern must be a string (at ${path})`);
  if (value === "" && !emptyAllowed) throw new InvalidPattern(`Null ${kind} not allowed (at ${path})`);
  return value;
}

function anythingBut(argument: unknown, path: string): Test {
  if (isRecord(argument)) {
    const [kind, inner] = only(argument, path);
    const list = Array.isArray(inner) ? inner : [inner];
    if (list.length === 0) throw new InvalidPattern(`Empty arrays are not allowed (at ${path})`);
    const tests = list.map((part) => {
      if (isRecord(part)) throw new InvalidPattern(`${kind} match pattern must be a string (at ${path})`);
      const test = textual(kind, part, path);
      if (!test) throw new InvalidPattern(`Unsupported anything-but pattern: ${kind} (at ${path})`);
      return test;
    });
    return (value) => !tests.some((test) => test(value));
  }
  const list = Array.isArray(argument) ? argument : [argument];
  const kinds = new Set(list.map((value) => typeof value));
  if (list.length === 0 || kinds.size > 1 || !(kinds.has("string") || kinds.has("number"))) {
    throw new InvalidPattern(
      `Inside anything but list, start|null|boolean is not supported; use strings or numbers (at ${path})`,
    );
  }
  return (value) => !list.includes(value);
}

const compare: Record<string, (value: number, bound: number) => boolean> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};
const limit = 5_000_000_000;

function numeric(argument: unknown, path: string): Test {
  const fail = (reason: string) => new InvalidPattern(`${reason} (at ${path})`);
  if (!Array.isArray(argument) || argument.length === 0) throw fail("Value of numeric must be an array.");
  if (argument.length !== 2 && argument.length !== 4)
    throw fail("Invalid member in numeric match: one or two pairs of operator and number");
  const bounds: { operator: string; bound: number }[] = [];
  for (let at = 0; at < argument.length; at += 2) {
    const [operator, bound]: unknown[] = argument.slice(at, at + 2);
    if (typeof operator !== "string" || !Object.hasOwn(compare, operator))
      throw fail(`Unrecognized numeric range operator: ${String(operator)}`);
    if (typeof bound !== "number") throw fail(`Value of ${operator} must be numeric`);
    if (Math.abs(bound) > limit) throw fail(`Value must be between -${limit} and ${limit}, inclusive`);
    bounds.push({ operator, bound });
  }
  const [low, high] = bounds;
  if (low && high) {
    if (!low.operator.startsWith(">")) throw fail("Bad numeric range operator: the lower bound comes first");
    if (!high.operator.startsWith("<")) throw fail(`Bad numeric range operator: ${high.operator}`);
    if (low.bound >= high.bound) throw fail("Bottom must be less than top");
  }
  return (value) =>
    typeof value === "number" && bounds.every(({ operator, bound }) => compare[operator]?.(value, bound) === true);
}

function cidr(argument: unknown, path: string): Test {
  const block = cidrBlock(string(argument, "cidr", path));
  if (!block) throw new InvalidPattern(`Malformed CIDR, not a valid address (at ${path})`);
  return (value) => typeof value === "string" && block(value);
}
