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

// What functions use, with exactly the rights their code needs. Rules compare links with the `Resource.<name>` of built
// bundles (rules/functions.ts).
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

/** Permits a key only through the store that it protects. */
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

/** Limits a permission to partition keys with these prefixes. */
const leading = (permission: Permission, ...patterns: string[]): Permission => ({
  ...permission,
  conditions: [
    { test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: patterns },
    { test: "Null", variable: "dynamodb:LeadingKeys", values: ["false"] },
  ],
});

/** Limits a permission to keys below a school's id. */
const ofSchools = (variable: string) => ({ test: "StringLike", variable, values: ["sch_*/*"] });

/** Signs in to every cell's database with a token, through its proxy if it has one. */
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
  /** The platform's address, for links in mails and answers. */
  platform: { links: [links.platform] },
  directory: {
    links: [links.directory],
    permissions: [items(directoryTable, "GetItem", "BatchGetItem", "Query"), index(directoryTable, "gsi1"), tableKey],
  },
  /** Every item of the directory; for operators and erasure. */
  directoryWrites: {
    links: [links.directory],
    permissions: [items(directoryTable, "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"), tableKey],
  },
  /** The whole sign-in storage with private keys; for the sign-in function and operators. */
  auth: {
    links: [links.auth],
    permissions: [items(authTable, "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"), tableKey],
  },
  /** Work for one school through the school role, which reaches only that school's data. */
  schools: {
    links: [links.role, links.media, links.packages],
    permissions: [{ actions: ["sts:AssumeRole", "sts:TagSession"], resources: [schoolRoleArn] }],
  },
  database: { permissions: signIn("lectern_app") },
  catalog: { permissions: signIn("lectern_platform") },
  /** Writes dumps. No function may read, overwrite or delete them. */
  dumps: {
    links: [links.backups],
    permissions: [
      // A dump's folder is its school's id. Multipart uploads also need to decrypt with the key.
      { actions: ["s3:PutObject"], resources: [$interpolate`${buckets.backups.arn}/sch_*/*`] },
      keyThrough(keys.backup, "s3", "kms:Decrypt", "kms:GenerateDataKey"),
    ],
  },
  /** Reads dumps to restore them; operators only. */
  restores: {
    links: [links.backups],
    permissions: [
      { actions: ["s3:GetObject"], resources: [$interpolate`${buckets.backups.arn}/sch_*/*`] },
      { actions: ["s3:ListBucket"], resources: [buckets.backups.arn], conditions: [ofSchools("s3:prefix")] },
      keyThrough(keys.backup, "s3"),
    ],
  },
  /** Copies a school's files into a school restored from its dump. */
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
  /** Writes a school's events into its outbox, in one transaction with the directory. */
  tells: {
    permissions: [leading(items(dataOfCells, "PutItem"), "$bus#schoolId_*"), tableKey],
  },
  /** Outbox items of all schools: finds them by their index and deletes published ones. */
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
  /** Items that name an erased or never opened school, in any table. Found by scans, because keys have many forms. */
  erasures: {
    links: [links.directory, links.auth],
    permissions: [
      ...[directoryTable, authTable, ...dataOfCells].map((table) => items(table, "Scan", "BatchWriteItem")),
      tableKey,
    ],
  },
  /** Error groups and nightly figures, and the list of schools. */
  ops: {
    links: [links.directory],
    permissions: [
      leading(items(directoryTable, "GetItem", "PutItem", "UpdateItem", "Query"), "$ops#*"),
      leading(index(directoryTable, "gsi1"), "$ops#*"),
      leading(items(directoryTable, "GetItem"), "$directory#*"),
      tableKey,
    ],
  },
  /** When a school's editions were last increased. */
  editions: {
    links: [links.directory],
    permissions: [leading(items(directoryTable, "GetItem", "PutItem"), "$edge#*"), tableKey],
  },
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

/** Items of the directory and auth tables by purpose (packages/core/src/kernel/aws/shared-tables.ts). */
export const itemsFor = (...names: readonly ItemUse[]): Use => {
  const rights = names.flatMap((name): readonly KeyedRights[] => itemRights[name]);
  const tables = { auth: authTable, directory: directoryTable };
  // Merges equal actions on the same table, because a policy's size is limited.
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
