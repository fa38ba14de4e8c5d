import type { PolicyDocument, Statement } from "./wall.ts";

// Which items of the two tables without a school's wall (directory and auth) each function may use. infra/uses.ts turns
// it into policies; on a local stage the client evaluates the same document (guard.ts). Imports no code, so that infra/
// can import it.

export interface ItemRights {
  readonly table: "auth" | "directory";
  readonly index?: string;
  /** DynamoDB actions without their prefix. */
  readonly actions: readonly string[];
  /** Patterns of partition keys. Left out for actions that name no item. */
  readonly keys?: readonly string[];
}
export type KeyedRights = ItemRights & Required<Pick<ItemRights, "keys">>;

const writing = ["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"];
const writes = (...keys: readonly string[]): KeyedRights => ({ table: "directory", actions: writing, keys });

/** Where the sign-in function keeps keys, codes and refresh tokens. */
export const authPartitions = {
  /** Private halves: only the sign-in function and an operator may read them. */
  signingKeys: "signing:key",
  encryptionKeys: "encryption:key",
  /** Public halves, which check tokens. */
  publicKeys: "verify:key",
  rotations: "rotation",
  code: "oauth:code",
  /** The person of a sign-in code. Outlives the code, so that a code used twice ends the sign-in. */
  codeOwner: "oauth:code-owner",
  refresh: (subject: string): string => `oauth:refresh ${subject}`,
} as const;

export const itemRights = {
  /** Checking access tokens. */
  tokens: [{ table: "auth", actions: ["Query"], keys: [authPartitions.publicKeys] }],
  /** Ending sessions with their refresh tokens. */
  sessions: [{ table: "auth", actions: ["DeleteItem", "Query"], keys: [authPartitions.refresh("*")] }],
  /** The platform's own rate limits and idempotency keys. */
  counters: [writes("$limits#schoolId_platform#*")],
  /** Opening schools, and their brand. Hosts of own domains are not among them. */
  openings: [writes("$directory#cellId_*", "$directory#schoolId_*", "$directory#skeleton_*", "$directory#slug_*")],
  /** Schools' language and zone. */
  routes: [writes("$directory#schoolId_*")],
  cells: [writes("$directory#cellId_*")],
  /** Claims of own domains. */
  domains: [writes("$domains#*")],
  /** Hosts of own domains that are proved. */
  hosts: [writes("$directory#host_*")],
  /** Releasing a domain frees its host at once. This right adds and changes none. */
  releases: [{ table: "directory", actions: ["DeleteItem"], keys: ["$directory#host_*"] }],
  finder: [writes("$finder#*")],
  /** How far the rounds over all schools are. */
  rounds: [
    { table: "directory", actions: ["BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem"], keys: ["$schedule#*"] },
  ],
  /** Sessions of operators' browsers. */
  operators: [writes("$operator#*")],
  /** Signed calls between our own functions, each good once. */
  calls: [writes("$internal#*")],
} as const satisfies Record<string, readonly KeyedRights[]>;
export type ItemUse = keyof typeof itemRights;

/** What each door may write, and its use of the auth table; the sign-in function has all of that table. */
export const doorUses = {
  Api: ["tokens", "sessions", "counters", "openings", "domains", "releases", "finder", "calls"],
  Web: ["tokens", "sessions", "counters", "openings", "domains", "releases", "finder", "operators"],
  Auth: ["counters"],
  SocketAuthorize: ["tokens"],
} as const satisfies Record<string, readonly ItemUse[]>;
export type Door = keyof typeof doorUses;

const reading: readonly ItemRights[] = [
  { table: "directory", actions: ["BatchGetItem", "GetItem", "Query"], keys: ["*"] },
  { table: "directory", index: "gsi1", actions: ["Query"], keys: ["*"] },
];
const beside: Partial<Record<Door, readonly ItemRights[]>> = {
  Api: [{ table: "directory", actions: ["DescribeTable"] }, writes("$ops#*")],
  Auth: [{ table: "auth", actions: ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"], keys: ["*"] }],
};

/** A door's policy on the two tables, as a local stage evaluates it. */
export function doorPolicy(door: Door, arns: Readonly<Record<ItemRights["table"], string>>): PolicyDocument {
  const rights = [
    ...reading,
    ...(beside[door] ?? []),
    ...doorUses[door].flatMap((use): readonly ItemRights[] => itemRights[use]),
  ];
  return { Version: "2012-10-17", Statement: rights.map((each, at) => statementOf(each, arns, at)) };
}

const statementOf = (
  { table, index, actions, keys }: ItemRights,
  arns: Readonly<Record<ItemRights["table"], string>>,
  at: number,
): Statement => ({
  Sid: `Items${at}`,
  Effect: "Allow",
  Action: actions.map((action) => `dynamodb:${action}`),
  Resource: [index === undefined ? arns[table] : `${arns[table]}/index/${index}`],
  ...(keys && {
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  }),
});
