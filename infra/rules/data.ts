import { settings } from "../../packages/core/src/kernel/secret/settings.list.ts";
import { asInFirst, clustersOf } from "./cells.ts";
import { remade } from "./policy.ts";
import { at, isDev, isStanding, ofType, type Rule, regionOf } from "./rule.ts";

/** The property that holds the key, by type of store. */
const keyOf: Readonly<Record<string, readonly (string | number)[]>> = {
  "aws:rds/cluster:Cluster": ["kmsKeyId"],
  "aws:rds/clusterInstance:ClusterInstance": ["performanceInsightsKmsKeyId"],
  "aws:dynamodb/table:Table": ["serverSideEncryption", "kmsKeyArn"],
  "aws:efs/fileSystem:FileSystem": ["kmsKeyId"],
  "aws:sqs/queue:Queue": ["kmsMasterKeyId"],
  "aws:sns/topic:Topic": ["kmsMasterKeyId"],
  "aws:cloudwatch/eventBus:EventBus": ["kmsKeyIdentifier"],
  "aws:cloudwatch/eventArchive:EventArchive": ["kmsKeyIdentifier"],
  "aws:secretsmanager/secret:Secret": ["kmsKeyId"],
  "aws:backup/vault:Vault": ["kmsKeyArn"],
  "aws:cloudtrail/trail:Trail": ["kmsKeyId"],
  "aws:ecr/repository:Repository": ["encryptionConfigurations", 0, "kmsKey"],
};
/** Stores without a customer managed key, with reasons. */
const otherKeys: Readonly<Record<string, string>> = {
  DatabaseProxySecret: "SST's own: it says that the password in it is not in force, which is no secret.",
};

const database = "aws:rds/cluster:Cluster";
const insights: Readonly<Record<string, number>> = { production: 465 };

export const dataRules: readonly Rule[] = [
  {
    name: "encrypted-at-rest",
    why: "A disk that is lost tells nothing, and who may read it is said by a key of ours.",
    *check(graph) {
      for (const [type, path] of Object.entries(keyOf))
        for (const store of ofType(graph, type)) {
          if (otherKeys[asInFirst(store.name)]) continue;
          if (!/:key\/Key|:replicakey\/Key/.test(String(at(store, ...path))))
            yield { resource: store.name, message: `${type} does not lie under a key of ours` };
        }
      for (const cluster of ofType(graph, database))
        if (at(cluster, "storageEncrypted") !== true) yield { resource: cluster.name, message: "is not encrypted" };
    },
  },
  {
    name: "keys-turn",
    why: "A key is made anew every year, and waits for a month before it is really deleted.",
    *check(graph) {
      const all = ofType(graph, "aws:kms/key:Key").filter(({ name }) => name.startsWith("Key"));
      const keys = all.filter((key) => regionOf(graph, key) === graph.region);
      if (keys.length !== 6) yield { resource: graph.stage, message: `has ${keys.length} keys instead of 6` };
      for (const key of all) {
        if (at(key, "enableKeyRotation") !== true) yield { resource: key.name, message: "is never turned" };
        if (isStanding(graph) && (at(key, "deletionWindowInDays") !== 30 || !key.opts.retainOnDelete))
          yield { resource: key.name, message: "goes with its stage, and what it protects cannot be read any more" };
        if (graph.stage === "production" && keys.includes(key) && at(key, "multiRegion") !== true)
          yield { resource: key.name, message: "is of no use in the second region" };
      }
    },
  },
  {
    name: "stores-kept",
    why: "Neither a mistake nor a removed stage deletes what schools have made; what is overwritten can be brought back.",
    *check(graph) {
      for (const table of ofType(graph, "aws:dynamodb/table:Table")) {
        if (at(table, "pointInTimeRecovery", "enabled") !== true)
          yield { resource: table.name, message: "cannot be brought back to a point in time" };
        if (at(table, "ttl", "enabled") !== true) yield { resource: table.name, message: "never forgets" };
        if (isStanding(graph) && at(table, "deletionProtectionEnabled") !== true)
          yield { resource: table.name, message: "can be deleted" };
      }
      if (isDev(graph)) return;
      const clusters = ofType(graph, database);
      if (clusters.length === 0) yield { resource: graph.stage, message: "has no database" };
      for (const cluster of clusters) {
        if (at(cluster, "allowMajorVersionUpgrade") === true)
          yield { resource: cluster.name, message: "may be taken to another major version by the way" };
        if (!isStanding(graph)) continue;
        if (at(cluster, "deletionProtection") !== true) yield { resource: cluster.name, message: "can be deleted" };
        if (at(cluster, "skipFinalSnapshot") !== false || !at(cluster, "finalSnapshotIdentifier"))
          yield { resource: cluster.name, message: "leaves no snapshot behind" };
        const days = graph.stage === "production" ? 35 : 7;
        if (!(Number(at(cluster, "backupRetentionPeriod")) >= days))
          yield { resource: cluster.name, message: `cannot be brought back over ${days} days` };
        if (!cluster.opts.retainOnDelete && !cluster.opts.protect && at(cluster, "deletionProtection") !== true)
          yield { resource: cluster.name, message: "goes with its stage" };
      }
      for (const bucket of ofType(graph, "aws:s3/bucket:Bucket"))
        if (isStanding(graph) && !remade[bucket.name] && at(bucket, "forceDestroy") !== false)
          yield { resource: bucket.name, message: "is emptied to be deleted" };
    },
  },
  {
    name: "database-speaks-tls",
    why: "Nobody reads along between our code and the database, and no password is sent where a token will do.",
    *check(graph) {
      if (isDev(graph)) return;
      const clusters = clustersOf(graph);
      const groups = ofType(graph, "aws:rds/clusterParameterGroup:ClusterParameterGroup");
      if (groups.length !== clusters.length)
        yield { resource: graph.stage, message: "has a database with the parameters that AWS thinks of" };
      for (const group of groups) {
        const parameters = [at(group, "parameters")].flat().map((each) => `${Object(each).name}=${Object(each).value}`);
        for (const wanted of ["rds.force_ssl=1", "ssl_min_protocol_version=TLSv1.2"])
          if (!parameters.includes(wanted)) yield { resource: group.name, message: `lacks ${wanted}` };
      }
      for (const cluster of clusters)
        if (at(cluster, "iamDatabaseAuthenticationEnabled") !== true)
          yield { resource: cluster.name, message: "takes passwords only" };
      const proxies = ofType(graph, "aws:rds/proxy:Proxy");
      for (const proxy of proxies) {
        if (at(proxy, "requireTls") !== true) yield { resource: proxy.name, message: "speaks without TLS" };
        const auths = [at(proxy, "auths") ?? []].flat();
        if (auths.length !== 2 || auths.some((auth) => Object(auth).iamAuth !== "REQUIRED"))
          yield { resource: proxy.name, message: "takes passwords" };
      }
    },
  },
  {
    name: "database-in-zones",
    why: "A zone that fails takes the writer or its reader, never both; who takes over is as large.",
    *check(graph) {
      if (isDev(graph)) return;
      for (const cluster of clustersOf(graph)) {
        const instances = ofType(graph, "aws:rds/clusterInstance:ClusterInstance").filter(
          (each) => at(each, "clusterIdentifier") === `${cluster.name}-id`,
        );
        const zones = instances.map((each) => at(each, "availabilityZone"));
        const wanted = isStanding(graph) ? 2 : 1;
        if (instances.length < wanted) yield { resource: cluster.name, message: `has ${instances.length} instances` };
        if (new Set(zones).size !== instances.length || zones.some((zone) => !zone))
          yield { resource: cluster.name, message: "shares its zone with a reader" };
        for (const each of instances) {
          if (Number(at(each, "promotionTier")) > 1)
            yield { resource: each.name, message: "would take over at a size of its own" };
          const days = insights[graph.stage] ?? 7;
          if (
            at(each, "performanceInsightsEnabled") !== true ||
            at(each, "performanceInsightsRetentionPeriod") !== days
          )
            yield { resource: each.name, message: `does not remember for ${days} days what it waited for` };
        }
        if (!/^17\./.test(String(at(cluster, "engineVersion"))))
          yield { resource: cluster.name, message: "is not Postgres 17" };
      }
    },
  },
  {
    name: "settings-have-parameters",
    why: "A setting without a parameter cannot be changed without a deployment; one that the code does not know does nothing.",
    *check(graph) {
      const path = `/lectern/${graph.stage.replace(/-dev$/, "")}/settings/`;
      const made = new Map(
        ofType(graph, "aws:ssm/parameter:Parameter").flatMap((each) => {
          const name = String(at(each, "name"));
          return name.startsWith(path) ? [[name.slice(path.length), each] as const] : [];
        }),
      );
      for (const [name, { first, pattern }] of Object.entries(settings)) {
        const parameter = made.get(name);
        const value = parameter && at(parameter, "value");
        // Pulumi wraps every parameter value as a secret.
        const found = typeof value === "object" && value !== null ? Reflect.get(value, "value") : value;
        if (!parameter) yield { resource: graph.stage, message: `has no parameter for the setting ${name}` };
        else if (found !== first || at(parameter, "allowedPattern") !== pattern)
          yield { resource: parameter.name, message: `does not begin with what the code says: ${String(found)}` };
        if (!new RegExp(pattern).test(first)) yield { resource: name, message: "begins with what it would refuse" };
      }
      for (const [name, parameter] of made)
        if (!(name in settings)) yield { resource: parameter.name, message: `no code reads the setting ${name}` };
    },
  },
  {
    name: "migrated-by-deployment",
    why: "A deployment brings every school along by itself, whenever a migration has changed, and stops if that fails.",
    *check(graph) {
      if (isDev(graph)) return;
      const run = ofType(graph, "aws:lambda/invocation:Invocation").find(({ name }) => name === "Migrated");
      if (!run || !/^[0-9a-f]{64}$/.test(String(at(run, "triggers", "migrations"))))
        yield { resource: graph.stage, message: "does not migrate when a migration changes" };
    },
  },
  {
    name: "code-after-migration",
    why: "Code that meets a schema older than it was written for fails; it waits for the run by a value that only the run gives.",
    *check(graph) {
      if (isDev(graph)) return;
      const run = ofType(graph, "aws:lambda/invocation:Invocation").find(({ name }) => name === "Migrated");
      const wanted = String(run && at(run, "triggers", "migrations")).slice(0, 12);
      for (const each of ofType(graph, "aws:lambda/function:Function")) {
        if (!graph.bundles.some(({ name }) => each.name === `${name}Function`)) continue;
        const found = at(each, "environment", "variables", "LECTERN_SCHEMAS");
        if (each.name === "MigrateFunction" && found !== undefined)
          yield { resource: each.name, message: "waits for its own run" };
        else if (each.name !== "MigrateFunction" && found !== wanted)
          yield { resource: each.name, message: "does not wait for the migration" };
      }
      for (const task of ofType(graph, "aws:ecs/taskDefinition:TaskDefinition"))
        if (!String(at(task, "containerDefinitions")).includes(`"LECTERN_SCHEMAS","value":"${wanted}"`))
          yield { resource: task.name, message: "does not wait for the migration" };
    },
  },
];
