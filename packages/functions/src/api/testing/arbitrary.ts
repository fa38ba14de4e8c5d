import fc from "fast-check";

/** The part of JSON Schema that the OpenAPI document uses. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** Texts that have broken software before. */
const hostileText = fc.constantFrom(
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202egnp.exe",
  "'; drop table course; --",
  "{{7*7}}<%= 7*7 %>",
  "<script>alert(1)</script>",
  "../../../../etc/passwd",
  "%00",
  "%",
  "\\",
  "\r\nset-cookie: a=b",
  "__proto__",
  "constructor",
  "-1",
  "1e309",
  "NaN",
  "9999999999999999999999",
  "2026-13-45T99:99:99Z",
  "ﷺ".repeat(500),
  "x".repeat(70_000),
  "🏳️‍🌈".repeat(100),
);

const text = fc.oneof(
  { arbitrary: fc.string({ maxLength: 40 }), weight: 4 },
  { arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }), weight: 2 },
  { arbitrary: hostileText, weight: 3 },
);

const number = fc.oneof(
  fc.integer(),
  fc.integer({ min: -2, max: 200 }),
  fc.double(),
  fc.constantFrom(0, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 0.1),
);

/** Any JSON. */
export const anything = (): fc.Arbitrary<unknown> =>
  fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 3 }), nested);

const nested = fc.integer({ min: 1, max: 2000 }).map((depth) => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = [value];
  return value;
});

type Resolve = (ref: string) => JsonSchema;

/**
 * Returns values for a schema: mostly valid, sometimes wrong in one place. `known` supplies real ids for field names,
 * so that requests get past the lookup.
 */
export function arbitraryOf(
  schema: JsonSchema,
  name: string,
  known: (name: string) => string | undefined,
  resolve: Resolve,
): fc.Arbitrary<unknown> {
  const right = rightOf(schema, name, known, resolve);
  return fc.oneof({ arbitrary: right, weight: 9 }, { arbitrary: anything(), weight: 1 });
}

function rightOf(
  schema: JsonSchema,
  name: string,
  known: (name: string) => string | undefined,
  resolve: Resolve,
): fc.Arbitrary<unknown> {
  if (schema.$ref) return arbitraryOf(resolve(schema.$ref), name, known, resolve);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return fc.oneof(...parts.map((part) => arbitraryOf(part, name, known, resolve)));
  if (schema.allOf) {
    return fc
      .tuple(...schema.allOf.map((part) => arbitraryOf(part, name, known, resolve)))
      .map((all) => Object.assign({}, ...all.filter(isObject)));
  }
  const types = typeof schema.type === "string" ? [schema.type] : (schema.type ?? ["any"]);
  return fc.oneof(...types.map((type) => ofType(type, schema, name, known, resolve)));
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

function ofType(
  type: string,
  schema: JsonSchema,
  name: string,
  known: (name: string) => string | undefined,
  resolve: Resolve,
): fc.Arbitrary<unknown> {
  switch (type) {
    case "string":
      return stringOf(schema, name, known);
    case "integer":
    case "number":
      return fc.oneof(
        fc.integer({ min: schema.minimum ?? -5, max: Math.max(schema.minimum ?? -5, schema.maximum ?? 500) }),
        number,
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(arbitraryOf(schema.items ?? {}, name, known, resolve), {
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case "object":
      return objectOf(schema, known, resolve);
    default:
      return anything();
  }
}

function stringOf(schema: JsonSchema, name: string, known: (name: string) => string | undefined): fc.Arbitrary<string> {
  const max = Math.min(schema.maxLength ?? 60, 60);
  const fitting = fc.string({ minLength: Math.min(schema.minLength ?? 0, max), maxLength: max });
  const id = fc.constant(null).map(() => known(name) ?? "none");
  const email = fc
    .string({ unit: fc.constantFrom(..."abcdefgh"), minLength: 3, maxLength: 12 })
    .map((local) => `${local}@example.test`);
  if (schema.format === "email" || name === "email") return fc.oneof(email, text);
  if (known(name) !== undefined) return fc.oneof({ arbitrary: id, weight: 5 }, { arbitrary: text, weight: 1 });
  return fc.oneof({ arbitrary: fitting, weight: 3 }, { arbitrary: text, weight: 1 });
}

function objectOf(
  schema: JsonSchema,
  known: (name: string) => string | undefined,
  resolve: Resolve,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.properties ?? {}).map(
    ([field, inner]) => [field, arbitraryOf(inner, field, known, resolve)] as const,
  );
  const required = (schema.required ?? []).filter((field) => schema.properties?.[field]);
  const whole = fc.record(Object.fromEntries(fields), { requiredKeys: required });
  const extra = fc.dictionary(fc.string({ maxLength: 12 }), anything(), { maxKeys: 2 });
  const open = typeof schema.additionalProperties === "object" || fields.length === 0;
  const partial = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  return fc.oneof(
    { arbitrary: whole, weight: 8 },
    { arbitrary: partial, weight: 1 },
    { arbitrary: fc.tuple(whole, extra).map(([a, b]) => ({ ...a, ...b })), weight: open ? 8 : 1 },
  );
}
