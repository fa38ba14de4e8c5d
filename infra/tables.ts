import { nameOf } from "./cell.ts";
import { keys } from "./keys.ts";
import { groups, vpc } from "./network.ts";
import { stageOf } from "./stage.ts";

// The tables, with the keys of the local ones (packages/local/src/dynamodb/tables.ts).
const stage = stageOf($app.stage);

interface Spec {
  readonly indexes: readonly string[];
  /** Attribute with the expiry in epoch seconds. */
  readonly ttl: string;
}

function table(name: string, { indexes, ttl }: Spec): sst.aws.Dynamo {
  const keysOf = (index: string) => ({ hashKey: `${index}pk`, rangeKey: `${index}sk` });
  const fields = ["pk", "sk", ...indexes.flatMap((index) => Object.values(keysOf(index)))];
  return new sst.aws.Dynamo(name, {
    fields: Object.fromEntries(fields.map((field) => [field, "string" as const])),
    primaryIndex: keysOf(""),
    globalIndexes: Object.fromEntries(indexes.map((index) => [index, keysOf(index)])),
    ttl,
    deletionProtection: stage.removal === "retain",
    transform: {
      table: (args) => {
        args.pointInTimeRecovery = { enabled: true };
        args.serverSideEncryption = { enabled: true, kmsKeyArn: keys.data.arn };
        args.tags = { backup: stage.standing ? "weekly" : "none" };
        if (stage.flags.tableReplicas && stage.secondRegion) {
          // Replication needs streams, and the same key in its region.
          args.streamEnabled = true;
          args.streamViewType = "NEW_AND_OLD_IMAGES";
          args.replicas = [
            {
              regionName: stage.secondRegion,
              kmsKeyArn: keys.data.arn.apply((arn) => arn.replace(/^(arn:[^:]+:kms:)[^:]+/, `$1${stage.secondRegion}`)),
              pointInTimeRecovery: true,
              deletionProtectionEnabled: true,
              propagateTags: true,
            },
          ];
        }
      },
    },
  });
}

/** Schools, hosts, slugs and cells of the platform; rate limits and operators' figures. */
export const directoryTable = table("Directory", { indexes: ["gsi1"], ttl: "expiresAt" });
/** Sign-in: codes, refresh tokens, unfinished sessions. */
export const authTable = table("AuthStore", { indexes: [], ttl: "expiry" });
/** Each cell's data: progress, notices, the outbox. `outbox` is sparse and the platform's own: unpublished and parked events, and timers by their time. */
export const dataTables: readonly { readonly cell: string; readonly table: sst.aws.Dynamo }[] = stage.cells.map(
  (cell) => ({
    cell,
    table: table(nameOf("SchoolData", cell), { indexes: ["gsi1", "gsi2", "outbox"], ttl: "expiresAt" }),
  }),
);

if (stage.flags.dax) cacheOfTables();

/** DAX in front of the tables; docs/adr explains when it pays. */
function cacheOfTables(): void {
  const role = new aws.iam.Role("DaxRole", {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["dax.amazonaws.com"] }] },
      ],
    }).json,
  });
  new aws.iam.RolePolicy("DaxPolicy", {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].map(
            (action) => `dynamodb:${action}`,
          ),
          resources: dataTables.flatMap(({ table: { arn } }) => [arn, $interpolate`${arn}/index/gsi1`]),
        },
        { actions: ["kms:Decrypt"], resources: [keys.data.arn] },
      ],
    }).json,
  });
  const group = new aws.ec2.SecurityGroup("GroupDax", { vpcId: vpc.id, description: "cache of the tables" });
  const ends = { ipProtocol: "tcp", fromPort: 9111, toPort: 9111, description: "code to dax" };
  new aws.vpc.SecurityGroupIngressRule("InCodeToDax9111", {
    ...ends,
    securityGroupId: group.id,
    referencedSecurityGroupId: groups.code.id,
  });
  new aws.vpc.SecurityGroupEgressRule("OutCodeToDax9111", {
    ...ends,
    securityGroupId: groups.code.id,
    referencedSecurityGroupId: group.id,
  });
  const subnets = new aws.dax.SubnetGroup("DaxSubnets", { subnetIds: vpc.privateSubnets });
  new aws.dax.Cluster("Dax", {
    clusterName: `${$app.name}-${$app.stage}`.slice(0, 20),
    nodeType: "dax.t3.small",
    replicationFactor: 3,
    iamRoleArn: role.arn,
    subnetGroupName: subnets.name,
    securityGroupIds: [group.id],
    serverSideEncryption: { enabled: true },
    clusterEndpointEncryptionType: "TLS",
  });
}
