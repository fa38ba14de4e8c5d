import type { Schema } from "electrodb";
// A part of ElectroDB: a cold start reads every file of a required package, and we have no services of entities.
import { Entity } from "electrodb/src/entity.js";
import { Resource } from "sst";
import { useSchool } from "../actor/index.ts";
import { Aws } from "../aws/index.ts";
import type { DataService } from "../aws/wall.ts";
import { giveCommands } from "./commands.ts";

giveCommands();

/**
 * Returns a key part of an ElectroDB index. Keeps the case: the default lower-cases keys, so two ids that differ only
 * in case would become one item. `schoolId` leads every partition key of the data table, so no query can cross schools.
 */
export const key = <const A extends readonly string[]>(field: string, composite: A) => ({
  field,
  composite: [...composite] as [...A],
  casing: "none" as const,
});

/**
 * Skips ElectroDB's validation of the model at construction, which costs milliseconds of every cold start.
 * models.test.ts of the functions' isolation validates the models instead.
 */
class Known<A extends string, F extends string, C extends string, S extends Schema<A, F, C>> extends Entity<
  A,
  F,
  C,
  S
> {
  _validateModel(): void {}
}

/**
 * Defines an entity of the data table. `Fact()` uses the table of the actor's cell through the school's role, so
 * DynamoDB refuses another school's item. `Fact.asPlatform(table)` uses the function's own role, for work across
 * schools (relay, parked events) or without one (the platform's limits, in the directory table). Constructs nothing at
 * load, so every module loads in a test without a stage.
 */
export function dataEntity<
  A extends string,
  F extends string,
  C extends string,
  S extends Schema<A, F, C> & OfDataService,
>(schema: S) {
  const asSchool = perTable((table) => new Known<A, F, C, S>(schema, { client: Aws.schoolDynamodb(), table }));
  const asPlatform = perTable((table) => new Known<A, F, C, S>(schema, { client: Aws.dynamodb(), table }));
  return Object.assign((): Entity<A, F, C, S> => asSchool(useSchool().table), { asPlatform, schema });
}

/** The wall names the services whose items a school may have. */
interface OfDataService {
  readonly model: { readonly service: DataService };
}

function perTable<E>(make: (table: string) => E): (table: string) => E {
  const bound = new Map<string, E>();
  return (table) => {
    const known = bound.get(table);
    if (known) return known;
    const made = make(table);
    bound.set(table, made);
    return made;
  };
}

/** An entity of the one global directory table: schools, hosts, cells, find-my-school. */
export function directoryEntity<A extends string, F extends string, C extends string, S extends Schema<A, F, C>>(
  schema: S,
) {
  let bound: Entity<A, F, C, S> | undefined;
  const get = (): Entity<A, F, C, S> => {
    bound ??= new Known<A, F, C, S>(schema, { client: Aws.dynamodb(), table: Resource.DirectoryTable.name });
    return bound;
  };
  return Object.assign(get, { schema });
}

/** Returns the leading part of every key of the data table. The school comes from the actor, never from input. */
export const mine = (): { schoolId: string } => ({ schoolId: useSchool().schoolId });

export { conditionHolds } from "./condition.ts";
export * as Dynamo from "./index.ts";
export { itemsOf, kindOf, type RawItem, writeItems } from "./person.ts";
export { readItem } from "./read.ts";
export { put, remove, transact, transactDirectory, update, type Write } from "./transact.ts";
