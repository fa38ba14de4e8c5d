import {
  type Door,
  doorUses,
  type ItemUse,
  itemRights,
  type KeyedRights,
} from "../packages/core/src/kernel/aws/shared-tables.ts";
import { account, partition, region } from "./account.ts";
import { legalAsked } from "./asked.ts";
import { databases } from "./database.ts";
import { type Permission, relayArn, resource, schoolRoleArn, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { settingsPath } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { buckets } from "./storage.ts";
import { authTable, dataTables, directoryTable } from "./tables.ts";

// What functions use, each with exactly the rights its code needs. A function's rights are the sum of its uses; what code
// reads as `Resource.<name>` and what is linked here are compared in the built bundles (rules/functions.ts).
const stage = stageOf($app.stage);

const links = {
  platform: resource("Platform", { domain: stage.domain, protocol: "https", legal: legalAsked() }),
  directory: resource("DirectoryTable", { name: directoryTable.name }),
  auth: resource("AuthTable", { name: authTable.name }),
  media: resource("MediaBucket", { name: buckets.media.name }),
  packages: resource("PackagesBucket", { name: buckets.packages.name }),
  role: resource("SchoolRole", { arn: schoolRoleArn }),
  relay: resource("Relay", { function: relayArn }),
  settings: resource("Settings", { path: settingsPath }),
  backups: resource("BackupsBucket", { name: buckets.backups.name }),
};

/** A key is used through the store it protects, and in no other way. */
export const keyThrough = (key: aws.kms.Key, service: string, ...actions: string[]): Permission => ({
  actions: actions.length > 0 ? actions : ["kms:Decrypt"],
  resources: [key.arn],
  conditions: [
    { test: "StringEquals", variable: "kms:ViaService", values: [$interpolate`${service}.${region}.amazonaws.com`] },
  ],
});
const tableKey = keyThrough(keys.data, "dynamodb");

type Tables = sst.aws.Dynamo | readonly sst.aws.Dynamo[];
const items = (tables: Tables, ...actions: string[]): Permission => ({
  actions: actions.map((action) => `dynamodb:${action}`),
  resources: [tables].flat().map(({ arn }) => arn),
});
const index = (tables: Tables, name: string): Permission => ({
  actions: ["dynamodb:Query"],
  resources: [tables].flat().map(({ arn }) => $interpolate`${arn}/index/${name}`),
});
const dataOfCells = dataTables.map(({ table }) => table);

/** Only items whose partition key begins so. */
const leading = (permission: Permission, ...patterns: string[]): Permission => ({
  ...permission,
  conditions: [
    { test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: patterns },
    { test: "Null", variable: "dynamodb:LeadingKeys", values: ["false"] },
  ],
});

/** Only below a school's id. */
const ofSchools = (variable: string) => ({ test: "StringLike", variable, values: ["sch_*/*"] });

/** Signs in to the database of any cell, through its proxy where there is one, by a token instead of a password. */
const signIns = databases.flatMap((each) => each.signIns);
const signIn = (role: string): Permission[] =>
  signIns.length === 0
    ? []
    : [
        {
          actions: ["rds-db:connect"],
          resources: $util.all(signIns).apply((arns) => arns.filter((arn) => arn.endsWith(`/${role}`))),
        },
      ];

export const uses = {
  /** Where the platform is, for addresses in mails and answers. */
  platform: { links: [links.platform] },
  /** Reading schools, hosts and cells. */
  directory: {
    links: [links.directory],
    permissions: [items(directoryTable, "GetItem", "BatchGetItem", "Query"), index(directoryTable, "gsi1"), tableKey],
  },
  /** Every item of the directory: an operator's, and who erases schools. */
  directoryWrites: {
    links: [links.directory],
    permissions: [items(directoryTable, "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"), tableKey],
  },
  /** All of the sign-in storage, private keys included: the sign-in function's and an operator's. */
  auth: {
    links: [links.auth],
    permissions: [items(authTable, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"), tableKey],
  },
  /** Work for one school: everything of its own, and nothing of another's, by the school role. */
  schools: {
    links: [links.role, links.media, links.packages],
    permissions: [{ actions: ["sts:AssumeRole", "sts:TagSession"], resources: [schoolRoleArn] }],
  },
  /** School data in Postgres, behind its gate. */
  database: { permissions: signIn("lectern_app") },
  /** The catalog of schools and their outboxes in Postgres. */
  catalog: { permissions: signIn("lectern_platform") },
  /** Puts dumps of schools on their shelf. Nobody's function reads them, writes over them for good or deletes them. */
  dumps: {
    links: [links.backups],
    permissions: [
      // A dump's folder is its school's id. A file in parts needs the key for reading as well.
      { actions: ["s3:PutObject"], resources: [$interpolate`${buckets.backups.arn}/sch_*/*`] },
      keyThrough(keys.backup, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
    ],
  },
  /** Reads dumps to load them: an operator's alone. */
  restores: {
    links: [links.backups],
    permissions: [
      { actions: ["s3:GetObject"], resources: [$interpolate`${buckets.backups.arn}/sch_*/*`] },
      { actions: ["s3:ListBucket"], resources: [buckets.backups.arn], conditions: [ofSchools("s3:prefix")] },
      keyThrough(keys.backup, "s3"),
    ],
  },
  /** Copies the files of one school to another that is made of its dump. */
  copies: {
    links: [links.media],
    permissions: [
      {
        actions: ["s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging"],
        resources: [$interpolate`${buckets.media.arn}/sch_*/*`],
      },
      { actions: ["s3:ListBucket"], resources: [buckets.media.arn], conditions: [ofSchools("s3:prefix")] },
      keyThrough(keys.storage, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
    ],
  },
  /** Invokes the relay after a commit with events. Every function that emits has it (rules/relay.ts). */
  nudges: {
    links: [links.relay],
    permissions: [{ actions: ["lambda:InvokeFunction"], resources: [relayArn] }],
  },
  /** Puts what it tells of a school into the outbox of that school, in one transaction with the directory. */
  tells: {
    permissions: [leading(items(dataOfCells, "PutItem"), "$bus#schoolId_*"), tableKey],
  },
  /** The outbox items of all schools in the cells' tables: finds them by their own index, and removes what is told. */
  outboxes: {
    permissions: [items(dataOfCells, "BatchGetItem", "DeleteItem"), index(dataOfCells, "outbox"), tableKey],
  },
  /** The timers of all schools: finds what is due by the index's own partitions, and moves or removes it. */
  timers: {
    permissions: [
      leading(items(dataOfCells, "UpdateItem", "DeleteItem"), "$due#schoolId_*"),
      leading(index(dataOfCells, "outbox"), "$due#shard_*"),
      tableKey,
    ],
  },
  /** Whatever names a school that goes or never opened, in any table: found by reading all of it, because keys know many kinds. */
  erasures: {
    links: [links.directory, links.auth],
    permissions: [
      ...[directoryTable, authTable, ...dataOfCells].map((table) => items(table, "Scan", "BatchWriteItem")),
      tableKey,
    ],
  },
  /** Groups of errors and nightly figures; which schools there still are. */
  ops: {
    links: [links.directory],
    permissions: [
      leading(items(directoryTable, "GetItem", "PutItem", "UpdateItem", "Query"), "$ops#*"),
      leading(index(directoryTable, "gsi1"), "$ops#*"),
      leading(items(directoryTable, "GetItem"), "$directory#*"),
      tableKey,
    ],
  },
  /** When a school's editions at the edge were moved last. */
  editions: {
    links: [links.directory],
    permissions: [leading(items(directoryTable, "GetItem", "PutItem"), "$edge#*"), tableKey],
  },
  /** Asking tables and buckets for a sign of life. */
  stores: {
    links: [links.directory, links.media],
    permissions: [
      items(directoryTable, "DescribeTable"),
      {
        actions: ["s3:ListBucket"],
        resources: [buckets.media.arn],
        conditions: [{ test: "StringEquals", variable: "s3:prefix", values: ["health/"] }],
      },
    ],
  },
  settings: {
    links: [links.settings],
    permissions: [
      {
        actions: ["ssm:GetParametersByPath"],
        resources: [$interpolate`arn:${partition}:ssm:${region}:${account}:parameter${settingsPath}`],
      },
    ],
  },
} satisfies Record<string, Use>;

/** Items of the directory and auth tables by what is done with them (packages/core/src/kernel/aws/shared-tables.ts). */
export const itemsFor = (...names: readonly ItemUse[]): Use => {
  const rights = names.flatMap((name): readonly KeyedRights[] => itemRights[name]);
  const tables = { auth: authTable, directory: directoryTable };
  // One statement for the same actions on the same table: a policy's size is limited.
  const grouped = Map.groupBy(rights, ({ table, actions }) => `${table} ${actions.join()}`);
  const permissions = [...grouped.values()].flatMap((group) => {
    const [first] = group;
    const keys = group.flatMap((each) => each.keys);
    return first ? [leading(items(tables[first.table], ...first.actions), ...keys)] : [];
  });
  const used = new Set(rights.map(({ table }) => table));
  return { links: [...used].map((table) => links[table]), permissions: [...permissions, tableKey] };
};
export const itemsOfDoor = (door: Door): Use => itemsFor(...doorUses[door]);
