import { authPartitions } from "../../packages/core/src/kernel/aws/shared-tables.ts";
import type { Graph } from "../synth/graph.ts";
import { type Statement, statementsOf } from "./policy.ts";
import { at, ofType, type Rule } from "./rule.ts";

// The two tables shared by all schools: who may read private keys, and who may change a school's route.

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const listed = (value: unknown): string[] => [value ?? []].flat().map(String);

/** Other rules check deployments and backups. */
const elsewhere = /^(Deploy|Pipeline|Build|Boundary|Backup)/;
/** S3 replication must list the bucket. */
const copying = /^MediaCopy/;

function* grants(graph: Graph, table: RegExp): Iterable<{ owner: string; statement: Statement }> {
  for (const owner of ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy")) {
    if (elsewhere.test(owner.name)) continue;
    const inline = [at(owner, "inlinePolicies") ?? []].flat().map((each) => record(each).policy);
    for (const statement of [at(owner, "policy"), ...inline].flatMap(statementsOf))
      if (
        statement.effect === "Allow" &&
        statement.actions.some((action) => /^(\*|dynamodb:(?!DescribeTable$))/.test(action)) &&
        statement.resources.some((resource) => resource === "*" || table.test(resource))
      )
        yield { owner: owner.name, statement };
  }
}

/** The statement's partition keys; undefined when it is not limited. */
function keysOf({ conditions }: Statement): readonly string[] | undefined {
  const keys = conditions["ForAllValues:StringLike"]?.["dynamodb:LeadingKeys"];
  return keys !== undefined && listed(conditions.Null?.["dynamodb:LeadingKeys"]).join() === "false"
    ? listed(keys)
    : undefined;
}

const matches = (pattern: string, key: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[\\^$.+()[\]{}|]/g, "\\$&").replaceAll("*", ".*")}$`).test(key);

const authTable = /:table\/[\w-]*AuthStore/;
const directoryTable = /:table\/[\w-]*Directory/;

/** Roles with access to the whole auth table, with reasons. */
const keyHolders: Readonly<Record<string, string>> = {
  AuthRole: "Signs tokens, and rotates the key.",
  OperatorTask: "Rotates the key by command; runs only while an operator works.",
  CronSweepOpenings: "Scans every table for what names a school that never opened. No request reaches it.",
};
const directoryHolders: Readonly<Record<string, string>> = {
  OperatorTask: "Opens, moves, restores and removes schools.",
  CronSweepOpenings: "Removes what openings left, of every kind of item.",
};
const isHolder = (holders: Readonly<Record<string, string>>, owner: string): boolean =>
  Object.keys(holders).some((name) => owner.startsWith(name));

const secretKeys = [authPartitions.signingKeys, authPartitions.encryptionKeys, authPartitions.code];
const writes = /^(\*|dynamodb:(\*|BatchWrite.*|ConditionCheckItem|Delete.*|Put.*|Update.*|PartiQL.*))$/;

export const tableRules: readonly Rule[] = [
  {
    name: "tables/signing-keys",
    why: "A reader of the private key can sign in as anybody; a writer of public keys can sign with a key of their own.",
    *check(graph) {
      for (const { owner, statement } of grants(graph, authTable)) {
        if (isHolder(keyHolders, owner)) continue;
        const keys = keysOf(statement);
        if (keys === undefined) {
          yield { resource: owner, message: `may ${statement.actions.join(", ")} on all of the auth table` };
          continue;
        }
        for (const key of secretKeys)
          if (keys.some((pattern) => matches(pattern, key))) yield { resource: owner, message: `reaches ${key}` };
        if (
          statement.actions.some((action) => writes.test(action)) &&
          keys.some((pattern) => matches(pattern, authPartitions.publicKeys))
        )
          yield { resource: owner, message: "may forge a public key" };
      }
    },
  },
  {
    name: "tables/directory-writes",
    why: "The directory says which host leads to which school: a function writes the kinds of item that its code writes.",
    *check(graph) {
      for (const { owner, statement } of grants(graph, directoryTable)) {
        if (isHolder(directoryHolders, owner) || !statement.actions.some((action) => writes.test(action))) continue;
        const keys = keysOf(statement);
        if (keys === undefined || keys.some((pattern) => !/^\$[a-z]+#/.test(pattern)))
          yield { resource: owner, message: "writes every item of the directory" };
        else if (
          /^(Api|Web|Auth|Socket)/.test(owner) &&
          statement.actions.some((action) => writes.test(action) && action !== "dynamodb:DeleteItem") &&
          keys.some((pattern) => matches(pattern, "$directory#host_x"))
        )
          yield { resource: owner, message: "may lead any host to any school" };
      }
    },
  },
  {
    name: "tables/no-listing",
    why: "A health check asks for a sign of life; the names of a school's files are the school's.",
    *check(graph) {
      for (const owner of ofType(graph, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy")) {
        if (elsewhere.test(owner.name) || copying.test(owner.name)) continue;
        const inline = [at(owner, "inlinePolicies") ?? []].flat().map((each) => record(each).policy);
        for (const statement of [at(owner, "policy"), ...inline].flatMap(statementsOf)) {
          const lists =
            statement.effect === "Allow" && statement.actions.some((action) => /^s3:ListBucket$/.test(action));
          if (!lists || !statement.resources.some((resource) => /media|packages/i.test(resource))) continue;
          const prefixes = ["StringEquals", "StringLike"].flatMap((test) =>
            listed(statement.conditions[test]?.["s3:prefix"]),
          );
          if (prefixes.length === 0 || prefixes.some((prefix) => prefix.startsWith("*")))
            yield { resource: owner.name, message: "lists a bucket of schools' files without a prefix" };
        }
      }
    },
  },
];
