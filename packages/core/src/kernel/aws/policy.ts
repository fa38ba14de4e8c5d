import type { Conditions, PolicyDocument, Statement } from "./wall.ts";

// Evaluates the part of the IAM policy language that our documents use. It refuses to compile anything else, so no
// statement goes unchecked.

/** What somebody wants to do. Absent condition keys are left out; several values are a list. */
export interface Wish {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export type Judge = (wish: Wish) => boolean;

type Test = (value: string) => boolean;

/** Compiles the policy for one principal, with its variables filled in, so each check is cheap. */
export function compile(document: PolicyDocument, variables: Readonly<Record<string, string>>): Judge {
  const allows: Judge[] = [];
  const denies: Judge[] = [];
  for (const statement of document.Statement)
    (statement.Effect === "Deny" ? denies : allows).push(statementOf(statement, variables));
  return (wish) => !denies.some((judge) => judge(wish)) && allows.some((judge) => judge(wish));
}

function statementOf(statement: Statement, variables: Readonly<Record<string, string>>): Judge {
  // Actions know no case, and no variables.
  const actions = statement.Action.map((action) => pattern(action.toLowerCase(), {}));
  const resources = statement.Resource.map((resource) => pattern(resource, variables));
  const conditions = conditionsOf(statement.Condition ?? {}, variables);
  return ({ action, resource, context }) =>
    actions.some((test) => test(action.toLowerCase())) &&
    resources.some((test) => test(resource)) &&
    conditions.every((holds) => holds(context));
}

function conditionsOf(conditions: Conditions, variables: Readonly<Record<string, string>>) {
  return Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, wanted]) => {
      const values = typeof wanted === "string" ? [wanted] : wanted;
      return condition(operator, key, values, variables);
    }),
  );
}

function condition(
  operator: string,
  key: string,
  values: readonly string[],
  variables: Readonly<Record<string, string>>,
): (context: Wish["context"]) => boolean {
  if (operator === "Null") {
    const wantsAbsent = values.includes("true");
    return (context) => (listOf(context[key]).length === 0) === wantsAbsent;
  }
  const tests: Test[] = values.map((value) => {
    if (operator.endsWith("StringLike")) return pattern(value, variables);
    const exact = filled(value, variables);
    return (asked) => asked === exact;
  });
  const isMet: Test = (asked) => tests.some((test) => test(asked));
  switch (operator) {
    case "StringLike":
    case "StringEquals":
      return (context) => {
        const asked = context[key];
        return typeof asked === "string" && isMet(asked);
      };
    case "ForAllValues:StringLike":
    case "ForAllValues:StringEquals":
      return (context) => listOf(context[key]).every(isMet);
    default:
      throw new Error(`a policy uses the operator ${operator}, which is not evaluated here`);
  }
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Puts the principal's variables in. Undefined where one is not set: then nothing matches, as in IAM. */
function filled(text: string, variables: Readonly<Record<string, string>>): string | undefined {
  let isKnown = true;
  const whole = text.replaceAll(/\$\{([^}$]+)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? whole : undefined;
}

/** `*` is anything and `?` one character, in the document only: a variable's value is taken literally. */
function pattern(text: string, variables: Readonly<Record<string, string>>): Test {
  const pieces = text
    .split(/([*?])/)
    .map((piece) => (piece === "*" || piece === "?" ? piece : filled(piece, variables)));
  if (pieces.includes(undefined)) return () => false;
  const [first = "", star, last] = pieces;
  // Nearly all are a text, or a text with a star behind it.
  if (pieces.length === 1) return (asked) => asked === first;
  if (pieces.length === 3 && star === "*" && last === "") return (asked) => asked.startsWith(first);
  const source = pieces.map((piece = "", at) => (at % 2 === 0 ? escaped(piece) : piece === "*" ? ".*" : "."));
  const expression = new RegExp(`^${source.join("")}$`, "s");
  return (asked) => expression.test(asked);
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
