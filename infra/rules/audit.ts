import type { Graph } from "../synth/graph.ts";
import { clustersOf } from "./cells.ts";
import { at, isDev, isStanding, ofType, type Rule } from "./rule.ts";

/** What CloudTrail must report at once, each with a sample event. */
const told = {
  "unauthorized-calls": "AccessDenied",
  "root-login": "Root",
  "key-deletion": "ScheduleKeyDeletion",
  "policy-changes": "PutRolePolicy",
  "trail-changes": "StopLogging",
  "backup-deletion": "DeleteRecoveryPoint",
};
const kinds = ["Aurora", "DynamoDB", "EFS", "S3"];

function weekly(graph: Graph) {
  return [
    ...ofType(graph, "aws:dynamodb/table:Table"),
    ...clustersOf(graph),
    ...ofType(graph, "aws:efs/fileSystem:FileSystem"),
    ...ofType(graph, "aws:s3/bucket:Bucket").filter(({ name }) => /^(Media|Packages)Bucket$/.test(name)),
  ];
}

const oldTls = /TLS-1-[01]-|2015-05|2016-08$|FS-2018-06|TLSv1(\.1)?(_201[1-6])?$|^SSLv3|^TLS_1_0/;

export const auditRules: readonly Rule[] = [
  {
    name: "trail-kept",
    why: "Who did what in the account is written down where nobody can change it unnoticed.",
    *check(graph) {
      if (!isStanding(graph)) return;
      const trail = ofType(graph, "aws:cloudtrail/trail:Trail")[0];
      if (!trail) return yield { resource: graph.stage, message: "keeps no trail" };
      for (const each of ["enableLogFileValidation", "isMultiRegionTrail", "includeGlobalServiceEvents"])
        if (at(trail, each) !== true) yield { resource: trail.name, message: `${each} is off` };
      const lock = ofType(graph, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration").find(
        (each) => at(each, "bucket") === at(trail, "s3BucketName"),
      );
      if (!(Number(lock && at(lock, "rule", "defaultRetention", "days")) >= 365))
        yield { resource: trail.name, message: "lies where it can be deleted" };
    },
  },
  {
    name: "trail-told",
    why: "A refused call, the root user, a key about to be deleted, a changed policy: somebody hears of it within minutes.",
    *check(graph) {
      if (!isStanding(graph)) return;
      for (const [subject, event] of Object.entries(told)) {
        const filter = ofType(graph, "aws:cloudwatch/logMetricFilter:LogMetricFilter").find(
          ({ name }) => name === `Audit-${subject}`,
        );
        if (!String(filter && at(filter, "pattern")).includes(event)) {
          yield { resource: subject, message: `no filter finds ${event}` };
          continue;
        }
        const metric = filter && at(filter, "metricTransformation", "name");
        const alarm = ofType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").find(
          (each) => at(each, "metricName") === metric,
        );
        if (!alarm || !String(at(alarm, "alarmActions")).endsWith("-critical"))
          yield { resource: subject, message: "is found and told to nobody" };
      }
    },
  },
  {
    name: "tls-1.2",
    why: "Older TLS can be broken; no listener of ours speaks it.",
    *check(graph) {
      const places: readonly (readonly [string, readonly (string | number)[]])[] = [
        ["aws:lb/listener:Listener", ["sslPolicy"]],
        ["aws:cloudfront/distribution:Distribution", ["viewerCertificate", "minimumProtocolVersion"]],
        [
          "aws:cloudfront/multitenantDistribution:MultitenantDistribution",
          ["viewerCertificate", "minimumProtocolVersion"],
        ],
        ["aws:apigatewayv2/domainName:DomainName", ["domainNameConfiguration", "securityPolicy"]],
      ];
      for (const [type, path] of places)
        for (const listener of ofType(graph, type)) {
          const policy = at(listener, ...path);
          if (typeof policy !== "string" || oldTls.test(policy))
            yield { resource: listener.name, message: `speaks ${policy === undefined ? "whatever is asked" : policy}` };
        }
      for (const listener of ofType(graph, "aws:lb/listener:Listener"))
        if (at(listener, "protocol") !== "HTTPS") yield { resource: listener.name, message: "speaks without TLS" };
      for (const distribution of ofType(graph, "aws:cloudfront/distribution:Distribution"))
        for (const origin of [at(distribution, "origins") ?? []].flat()) {
          const { customOriginConfig } = Object(origin);
          const spoken = [Object(customOriginConfig).originSslProtocols ?? []].flat().map(String);
          if (spoken.some((each) => each !== "TLSv1.2"))
            yield { resource: distribution.name, message: `asks its origin by ${spoken.join()}` };
        }
    },
  },
  {
    name: "backed-up-weekly",
    why: "Every Sunday a copy of everything, four weeks long, which nobody can delete.",
    *check(graph) {
      if (!isStanding(graph) || isDev(graph)) return;
      const rule = ofType(graph, "aws:backup/plan:Plan").map((plan) => Object(at(plan, "rules", 0)))[0];
      if (!/ SUN \*\)$/.test(String(rule?.schedule)) || rule?.lifecycle?.deleteAfter !== 28)
        yield { resource: "BackupPlan", message: "is not weekly and kept for 28 days" };
      if (graph.stage === "production" && !String(rule?.copyActions?.[0]?.destinationVaultArn).includes("us-west-2"))
        yield { resource: "BackupPlan", message: "copies nothing to the second region" };
      const locked = ofType(graph, "aws:backup/vaultLockConfiguration:VaultLockConfiguration");
      if (locked.length !== ofType(graph, "aws:backup/vault:Vault").length || locked.length === 0)
        yield { resource: "BackupVault", message: "is not locked" };
      for (const lock of locked)
        if (!(Number(at(lock, "minRetentionDays")) >= 28))
          yield { resource: lock.name, message: "lets recovery points go before four weeks" };
      for (const store of weekly(graph))
        if (at(store, "tags", "backup") !== "weekly") yield { resource: store.name, message: "is in no backup" };
      if (!String(JSON.stringify(ofType(graph, "aws:backup/selection:Selection")[0]?.inputs)).includes('"weekly"'))
        yield { resource: "BackupSelection", message: "selects something else" };
    },
  },
  {
    name: "restores-tried",
    why: "A backup that nobody has restored is a hope.",
    *check(graph) {
      if (!isStanding(graph) || isDev(graph)) return;
      const tried = ofType(graph, "aws:backup/restoreTestingSelection:RestoreTestingSelection").map((each) =>
        String(at(each, "protectedResourceType")),
      );
      for (const kind of kinds) if (!tried.includes(kind)) yield { resource: kind, message: "is never restored" };
    },
  },
  {
    name: "files-copied-away",
    why: "A lost region must not take the only copy of what schools uploaded.",
    *check(graph) {
      if (graph.stage !== "production") return;
      const copy = ofType(graph, "aws:s3/bucketReplicationConfig:BucketReplicationConfig")[0];
      const rule = Object(copy && at(copy, "rules", 0));
      if (
        rule.status !== "Enabled" ||
        !String(rule.destination?.encryptionConfiguration?.replicaKmsKeyId).includes("us-west-2")
      )
        yield { resource: "MediaCopy", message: "does not copy files to the second region under its key" };
    },
  },
];
