import { expect, test } from "vitest";
import { original, waiting } from "../../packages/core/src/kernel/storage/tags.ts";
import { at, ofType } from "../rules/rule.ts";
import { shelfOf } from "../rules/shelf.ts";
import { expectRule, graphOf } from "./graphs.ts";

// Network, data, storage, audit and backup: each rule finds nothing, and then the mistake planted here.
const production = graphOf("production");
const preview = graphOf("preview");
type Plant = Parameters<typeof expectRule>[2];

const type = {
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  group: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  acl: "aws:ec2/networkAcl:NetworkAcl",
  subnet: "aws:ec2/subnet:Subnet",
  endpoint: "aws:ec2/vpcEndpoint:VpcEndpoint",
  bastion: "aws:ec2/instance:Instance",
  table: "aws:dynamodb/table:Table",
  cluster: "aws:rds/cluster:Cluster",
  instance: "aws:rds/clusterInstance:ClusterInstance",
  proxy: "aws:rds/proxy:Proxy",
  bucket: "aws:s3/bucket:Bucket",
  policy: "aws:s3/bucketPolicy:BucketPolicy",
  lifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  lock: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
  trail: "aws:cloudtrail/trail:Trail",
  plan: "aws:backup/plan:Plan",
};
const media = /^Media/;

const mistakes: readonly (readonly [rule: string, mistake: string, Plant])[] = [
  [
    "nothing-public",
    "a port for everybody",
    ({ add }) => add(type.ingress, "Oops", { cidrIpv4: "0.0.0.0/0", fromPort: 22, toPort: 22, securityGroupId: "x" }),
  ],
  [
    "nothing-public",
    "a database with an address",
    ({ find }) => {
      find(type.instance).inputs.publiclyAccessible = true;
    },
  ],
  [
    "nothing-public",
    "public subnets",
    ({ find }) => {
      find(type.subnet).inputs.mapPublicIpOnLaunch = true;
    },
  ],
  [
    "default-group-shut",
    "the default group as SST makes it",
    ({ find }) => {
      find(type.group).inputs.ingress = [{ protocol: "-1", cidrBlocks: ["10.0.0.0/16"] }];
    },
  ],
  [
    "data-reached-by-few",
    "code that goes past the proxy",
    ({ find }) => {
      find(type.ingress, /CodeToProxy/).inputs.securityGroupId = "GroupDatabase-id";
    },
  ],
  [
    "tiers-listed",
    "data with a way out",
    ({ find }) =>
      find(type.acl, /Data/).inputs.egress.push({
        protocol: "tcp",
        cidrBlock: "0.0.0.0/0",
        fromPort: 443,
        toPort: 443,
      }),
  ],
  ["tiers-listed", "a subnet under no list", ({ find }) => void find(type.acl, /Private/).inputs.subnetIds.pop()],
  [
    "tiers-listed",
    "every port",
    ({ find }) => {
      find(type.acl, /Public/).inputs.ingress[0].protocol = "-1";
    },
  ],
  ["private-ways", "no endpoint for keys", ({ remove }) => remove(type.endpoint, /Kms/)],
  [
    "private-ways",
    "an endpoint for everybody",
    ({ find }) => {
      find(type.endpoint, /S3/).inputs.policy = undefined;
    },
  ],
  ["flows-written", "no flow logs", ({ remove }) => remove("aws:ec2/flowLog:FlowLog")],
  [
    "bastion-by-session",
    "a key",
    ({ find }) => {
      find(type.bastion, /Bastion/).inputs.keyName = "mine";
    },
  ],
  [
    "encrypted-at-rest",
    "a table under AWS's key",
    ({ find }) => {
      find(type.table).inputs.serverSideEncryption = {};
    },
  ],
  [
    "encrypted-at-rest",
    "an open queue",
    ({ find }) => {
      find("aws:sqs/queue:Queue").inputs.kmsMasterKeyId = undefined;
    },
  ],
  [
    "encrypted-at-rest",
    "an open database",
    ({ find }) => {
      find(type.cluster).inputs.storageEncrypted = false;
    },
  ],
  [
    "keys-turn",
    "a key for ever",
    ({ find }) => {
      find("aws:kms/key:Key").inputs.enableKeyRotation = false;
    },
  ],
  [
    "stores-kept",
    "a table one can delete",
    ({ find }) => {
      find(type.table).inputs.deletionProtectionEnabled = false;
    },
  ],
  [
    "stores-kept",
    "no way back",
    ({ find }) => {
      find(type.table).inputs.pointInTimeRecovery = { enabled: false };
    },
  ],
  [
    "stores-kept",
    "no last snapshot",
    ({ find }) => {
      find(type.cluster).inputs.skipFinalSnapshot = true;
    },
  ],
  [
    "stores-kept",
    "SST's one day of backups",
    ({ find }) => {
      find(type.cluster).inputs.backupRetentionPeriod = 1;
    },
  ],
  [
    "stores-kept",
    "a bucket SST empties",
    ({ find }) => {
      find(type.bucket, media).inputs.forceDestroy = true;
    },
  ],
  [
    "database-speaks-tls",
    "a proxy that takes passwords",
    ({ find }) => {
      find(type.proxy).inputs.auths[0].iamAuth = "DISABLED";
    },
  ],
  [
    "database-speaks-tls",
    "TLS if you like",
    ({ find }) => {
      find(type.proxy).inputs.requireTls = false;
    },
  ],
  [
    "database-speaks-tls",
    "TLS not forced",
    ({ find }) => void find("aws:rds/clusterParameterGroup:ClusterParameterGroup").inputs.parameters.shift(),
  ],
  [
    "database-in-zones",
    "both in one zone",
    ({ find }) => {
      find(type.instance, /Replica/).inputs.availabilityZone = "us-east-1a";
    },
  ],
  [
    "migrated-by-deployment",
    "a run that nothing triggers",
    ({ find }) => {
      find("aws:lambda/invocation:Invocation").inputs.triggers = {};
    },
  ],
  [
    "code-after-migration",
    "a function that does not wait",
    ({ find }) => {
      delete find("aws:lambda/function:Function", /^ApiFunction$/).inputs.environment.variables.LECTERN_SCHEMAS;
    },
  ],
  [
    "code-after-migration",
    "pages that wait for another run",
    ({ find }) => {
      find("aws:lambda/function:Function", /^WebServer/).inputs.environment.variables.LECTERN_SCHEMAS = "0".repeat(12);
    },
  ],
  [
    "code-after-migration",
    "a container that does not wait",
    ({ find }) => {
      find("aws:ecs/taskDefinition:TaskDefinition").inputs.containerDefinitions = "[]";
    },
  ],
  [
    "code-after-migration",
    "a migration that waits for itself",
    ({ find }) => {
      find("aws:lambda/function:Function", /^MigrateFunction$/).inputs.environment.variables.LECTERN_SCHEMAS = "x";
    },
  ],
  [
    "buckets-encrypted",
    "a key for each file",
    ({ find }) => {
      find(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        media,
      ).inputs.rules[0].bucketKeyEnabled = false;
    },
  ],
  ["buckets-tls-only", "no policy", ({ remove }) => remove(type.policy, media)],
  [
    "buckets-shut",
    "a door left open",
    ({ find }) => {
      find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", media).inputs.blockPublicPolicy = false;
    },
  ],
  [
    "buckets-own-distributions",
    "SST's own way of letting CloudFront in",
    ({ find }) => {
      find(type.policy, media).inputs.policy = JSON.stringify({
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Principal: { Service: "cloudfront.amazonaws.com" } }],
      });
    },
  ],
  ["buckets-versioned", "one version", ({ remove }) => remove("aws:s3/bucketVersioning:BucketVersioning", media)],
  [
    "buckets-cors",
    "every site",
    ({ find }) => {
      find("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", media).inputs.corsRules[0].allowedOrigins = ["*"];
    },
  ],
  [
    "lessons-play",
    "everything to Glacier",
    ({ find }) => void Reflect.deleteProperty(find(type.lifecycle, /^MediaLifecycle/).inputs.rules.at(-1), "filter"),
  ],
  [
    "originals-cool",
    "originals that stay",
    ({ find }) => {
      find(type.lifecycle, /^MediaLifecycle/).inputs.rules.at(-1).status = "Disabled";
    },
  ],
  [
    "uploads-abandoned",
    "another tag than the upload's",
    ({ find }) => {
      const { rules } = find(type.lifecycle, /^PackagesLifecycle/).inputs;
      rules.find(({ id }: { id: string }) => id === "abandoned").filter.tag.key = "status";
    },
  ],
  [
    "backups-locked",
    "a week",
    ({ find }) => {
      find(type.lock, /Backups/).inputs.rule.defaultRetention.days = 7;
    },
  ],
  [
    "trail-kept",
    "no validation",
    ({ find }) => {
      find(type.trail).inputs.enableLogFileValidation = false;
    },
  ],
  [
    "trail-told",
    "nobody hears",
    ({ find }) => {
      find("aws:cloudwatch/metricAlarm:MetricAlarm", /RootLogin/).inputs.alarmActions = [];
    },
  ],
  ["trail-told", "no filter", ({ remove }) => remove("aws:cloudwatch/logMetricFilter:LogMetricFilter", /key-deletion/)],
  [
    "tls-1.2",
    "an old listener",
    ({ find }) => {
      find("aws:lb/listener:Listener").inputs.sslPolicy = "ELBSecurityPolicy-2016-08";
    },
  ],
  [
    "tls-1.2",
    "a listener without TLS",
    ({ find }) => {
      find("aws:lb/listener:Listener").inputs.protocol = "HTTP";
    },
  ],
  [
    "tls-1.2",
    "an old edge",
    ({ find }) => {
      find("aws:cloudfront/distribution:Distribution").inputs.viewerCertificate.minimumProtocolVersion = "TLSv1.1_2016";
    },
  ],
  [
    "backed-up-weekly",
    "a week only",
    ({ find }) => {
      find(type.plan).inputs.rules[0].lifecycle.deleteAfter = 7;
    },
  ],
  [
    "backed-up-weekly",
    "no second region",
    ({ find }) => {
      find(type.plan).inputs.rules[0].copyActions = undefined;
    },
  ],
  [
    "backed-up-weekly",
    "a table left out",
    ({ find }) => {
      find(type.table).inputs.tags.backup = "none";
    },
  ],
  [
    "backed-up-weekly",
    "no lock",
    ({ remove }) => remove("aws:backup/vaultLockConfiguration:VaultLockConfiguration", /There/),
  ],
  [
    "restores-tried",
    "no database",
    ({ remove }) => remove("aws:backup/restoreTestingSelection:RestoreTestingSelection", /Aurora/),
  ],
  ["files-copied-away", "one region", ({ remove }) => remove("aws:s3/bucketReplicationConfig:BucketReplicationConfig")],
];

test.each(mistakes)("%s sees %s", (rule, _, plant) => expectRule(rule, production, plant));

test("nothing-standing sees a proxy on a preview", () => {
  expectRule("nothing-standing", preview, ({ add }) => add(type.proxy, "Proxy", {}));
  expectRule("nothing-standing", preview, ({ add }) => add(type.bastion, "Bastion", {}));
});

test("a lifecycle is read as S3 reads it", () => {
  const rules = [
    {
      status: "Enabled",
      filter: { and: { prefix: "a/", tags: { x: "1" } } },
      transitions: [{ days: 3, storageClass: "GLACIER" }],
    },
    { status: "Enabled", filter: { prefix: "a/" }, transitions: [{ days: 1, storageClass: "STANDARD_IA" }] },
    { status: "Disabled", filter: {}, expiration: { days: 1 } },
    { status: "Enabled", filter: { tag: { key: "old", value: "yes" } }, expiration: { days: 2 } },
  ];
  const on = (days: number, tags: Record<string, string> = {}, key = "a/b") => shelfOf(rules, { key, tags, days });
  expect([on(0), on(1), on(9), on(9, { x: "1" }), on(2, { x: "1" })]).toEqual([
    "STANDARD",
    "STANDARD_IA",
    "STANDARD_IA",
    "GLACIER",
    "STANDARD_IA",
  ]);
  expect([on(9, {}, "b/c"), on(1, { old: "yes" }, "b/c"), on(2, { old: "yes" })]).toEqual([
    "STANDARD",
    "STANDARD",
    "gone",
  ]);
});

test("the tags that lifecycles go by are those that the code sets, in both buckets of schools", () => {
  for (const bucket of ["MediaLifecycle", "PackagesLifecycle"]) {
    const rules = ofType(production, type.lifecycle).find(({ name }) => name === bucket)?.inputs.rules;
    expect(rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "abandoned", filter: { tag: waiting } }),
        expect.objectContaining({ id: "originals", filter: { tag: original } }),
      ]),
    );
  }
});

/** The sizes of each stage; a change here changes the bill. */
const sizes = {
  production: { minAcu: 1, maxAcu: 32, instances: 2, pointInTimeDays: 35, nats: 3, bastions: 1, interfaces: 6 },
  staging: { minAcu: 0.5, maxAcu: 4, instances: 2, pointInTimeDays: 7, nats: 3, bastions: 1, interfaces: 6 },
  preview: { minAcu: 0, maxAcu: 2, instances: 1, pointInTimeDays: 1, nats: 0, bastions: 0, interfaces: 0 },
  ada: { minAcu: 0, maxAcu: 2, instances: 1, pointInTimeDays: 1, nats: 0, bastions: 0, interfaces: 0 },
};
test.each(Object.entries(sizes))("%s has the size it is paid for", (stage, wanted) => {
  const graph = graphOf(stage);
  const cluster = ofType(graph, type.cluster).find(({ name }) => name === "DatabaseCluster");
  if (!cluster) throw new Error(`${stage} has no database`);
  const scaling = (end: string) => at(cluster, "serverlessv2ScalingConfiguration", end);
  expect({
    minAcu: scaling("minCapacity"),
    maxAcu: scaling("maxCapacity"),
    instances: ofType(graph, type.instance).length,
    pointInTimeDays: at(cluster, "backupRetentionPeriod"),
    nats: ofType(graph, "aws:ec2/natGateway:NatGateway").length,
    bastions: ofType(graph, type.bastion).filter(({ name }) => name === "Bastion").length,
    interfaces: ofType(graph, type.endpoint).filter((each) => at(each, "vpcEndpointType") === "Interface").length,
  }).toEqual(wanted);
});

test("a developer's own stage links the Postgres beside it and makes none", () => {
  const graph = graphOf("ada-dev");
  expect(ofType(graph, type.cluster)).toEqual([]);
  expect(ofType(graph, "sst:aws:Aurora")).toHaveLength(1);
});
