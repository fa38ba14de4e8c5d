import { original as tag } from "../../packages/core/src/kernel/storage/tags.ts";
import type { Graph } from "../synth/graph.ts";
import { partOf, remade, statementsOf } from "./policy.ts";
import { at, ofType, type Rule } from "./rule.ts";
import { shelfOf } from "./shelf.ts";

const buckets = (graph: Graph) => ofType(graph, "aws:s3/bucket:Bucket");
const parts = {
  policy: "aws:s3/bucketPolicy:BucketPolicy",
  encryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  shut: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  versions: "aws:s3/bucketVersioning:BucketVersioning",
  lifecycle: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  cors: "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
};

/** Buckets without a customer managed key, with reasons. */
const otherKeys: Readonly<Record<string, string>> = {
  LogsBucket: "The load balancer writes its access log under S3's own key only.",
  WebAssetsBucket: "Scripts and styles that everybody may read; S3 encrypts them under its own key.",
};
const unversioned: Readonly<Record<string, string>> = {
  WebAssetsBucket: "Each file has its content's hash in its name, and a deployment writes all of them again.",
};

const refuses = (text: unknown, test: string, variable: string, value: string): boolean =>
  statementsOf(text).some(
    ({ effect, actions, principal, conditions }) =>
      effect === "Deny" && actions.includes("s3:*") && principal === "*" && conditions[test]?.[variable] === value,
  );

/** A lesson's objects; only the originals of renditions carry a tag. */
const lesson: readonly { what: string; key: string; tags: Readonly<Record<string, string>> }[] = [
  { what: "a file of a lesson", key: "sch_1/course/crs_1/ast_1/chapter one.mp4", tags: {} },
  { what: "a rendition", key: "sch_1/media/med_1/renditions/720.m3u8", tags: { kind: "rendition" } },
  { what: "captions", key: "sch_1/media/med_1/captions/en.vtt", tags: { kind: "captions" } },
  { what: "a cover", key: "sch_1/course/crs_1/ast_2/cover.webp", tags: {} },
];

export const storageRules: readonly Rule[] = [
  {
    name: "buckets-encrypted",
    why: "Files lie under a key of ours, and a bucket key keeps that from costing a call to KMS for each of them.",
    *check(graph) {
      for (const bucket of buckets(graph)) {
        if (otherKeys[bucket.name]) continue;
        const rule = partOf(graph, bucket, parts.encryption);
        const by = rule && at(rule, "rules", 0, "applyServerSideEncryptionByDefault");
        const isOurs = rule && JSON.stringify(by ?? {}).includes('"aws:kms"') && JSON.stringify(by).includes("key/Key");
        if (!isOurs) yield { resource: bucket.name, message: "is not encrypted under a key of ours" };
        else if (at(rule, "rules", 0, "bucketKeyEnabled") !== true)
          yield { resource: bucket.name, message: "has no bucket key" };
      }
    },
  },
  {
    name: "buckets-tls-only",
    why: "What is read over an open line is read by others.",
    *check(graph) {
      for (const bucket of buckets(graph)) {
        const policy = partOf(graph, bucket, parts.policy);
        const text = policy && at(policy, "policy");
        if (!refuses(text, "Bool", "aws:SecureTransport", "false"))
          yield { resource: bucket.name, message: "answers without TLS" };
        else if (!remade[bucket.name] && !refuses(text, "NumericLessThan", "s3:TlsVersion", "1.2"))
          yield { resource: bucket.name, message: "answers to TLS below 1.2" };
      }
    },
  },
  {
    name: "buckets-shut",
    why: "No bucket is public, whatever somebody writes into its policy one day.",
    *check(graph) {
      for (const bucket of buckets(graph)) {
        const shut = partOf(graph, bucket, parts.shut);
        const all = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"];
        if (!shut || all.some((each) => at(shut, each) !== true))
          yield { resource: bucket.name, message: "could be made public" };
      }
    },
  },
  {
    name: "buckets-own-distributions",
    why: "A policy that lets CloudFront in lets in everybody's distributions unless it names ours.",
    *check(graph) {
      for (const bucket of buckets(graph)) {
        const policy = partOf(graph, bucket, parts.policy);
        for (const { effect, principal, conditions } of statementsOf(policy && at(policy, "policy"))) {
          if (effect !== "Allow" || !JSON.stringify(principal ?? "").includes("cloudfront.amazonaws.com")) continue;
          const named = Object.values(conditions).some((of) => /distribution\/\w/.test(String(of["aws:SourceArn"])));
          if (!named) yield { resource: bucket.name, message: "lets any distribution of any account read it" };
        }
      }
    },
  },
  {
    name: "buckets-versioned",
    why: "What was deleted or written over by mistake is brought back for a month.",
    *check(graph) {
      for (const bucket of buckets(graph)) {
        if (unversioned[bucket.name]) continue;
        const versions = partOf(graph, bucket, parts.versions);
        if (!versions || at(versions, "versioningConfiguration", "status") !== "Enabled")
          yield { resource: bucket.name, message: "keeps no older versions" };
      }
    },
  },
  {
    name: "buckets-cors",
    why: "No script of another site reads what our storage answers.",
    *check(graph) {
      for (const cors of ofType(graph, parts.cors)) {
        // Scripts and fonts that all hosts load, custom domains included.
        if (cors.name === "WebAssetsCors") continue;
        for (const rule of [at(cors, "corsRules")].flat())
          for (const origin of [Reflect.get(Object(rule), "allowedOrigins")].flat())
            if (!/^https:\/\/(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(String(origin)))
              yield { resource: cors.name, message: `admits ${origin}` };
      }
    },
  },
  {
    name: "lessons-play",
    why: "A lesson plays at once, whatever its age: nothing it needs lies where it would first have to be thawed.",
    *check(graph) {
      for (const bucket of buckets(graph).filter(({ name }) => /^(Media|Packages)Bucket$/.test(name))) {
        const rules = at(partOf(graph, bucket, parts.lifecycle) ?? bucket, "rules");
        for (const { what, key, tags } of lesson)
          for (const days of [1, 31, 91, 3_650]) {
            const shelf = shelfOf(rules, { key, tags, days });
            if (shelf !== "STANDARD")
              yield {
                resource: bucket.name,
                message: `${what} of ${days} days is ${shelf === "gone" ? "gone" : `in ${shelf}`}`,
              };
          }
      }
    },
  },
  {
    name: "originals-cool",
    why: "What renditions were made of is read once a year: it goes to a colder shelf after 30 days and to the coldest at 90.",
    *check(graph) {
      for (const bucket of buckets(graph).filter(({ name }) => /^(Media|Packages)Bucket$/.test(name))) {
        const rules = at(partOf(graph, bucket, parts.lifecycle) ?? bucket, "rules");
        // Uses the same tag as the code.
        const original = { key: "sch_1/import/imp_1/course.zip", tags: { [tag.key]: tag.value } };
        for (const [days, wanted] of [
          [29, "STANDARD"],
          [30, "STANDARD_IA"],
          [89, "STANDARD_IA"],
          [90, "GLACIER"],
        ] as const) {
          const shelf = shelfOf(rules, { ...original, days });
          if (shelf !== wanted)
            yield { resource: bucket.name, message: `an original of ${days} days is in ${shelf}, not in ${wanted}` };
        }
      }
    },
  },
  {
    name: "uploads-abandoned",
    why: "An upload nobody confirmed is gone after a day, and what was confirmed stays.",
    *check(graph) {
      for (const bucket of buckets(graph).filter(({ name }) => /^(Media|Packages)Bucket$/.test(name))) {
        const rules = at(partOf(graph, bucket, parts.lifecycle) ?? bucket, "rules");
        const upload = { key: "sch_1/upload/crs_1/ast_1/upload", days: 1 };
        if (shelfOf(rules, { ...upload, tags: { state: "waiting" } }) !== "gone")
          yield { resource: bucket.name, message: "keeps what nobody confirmed" };
        if (shelfOf(rules, { ...upload, days: 1_000, tags: {} }) === "gone")
          yield { resource: bucket.name, message: "throws away what was confirmed" };
      }
    },
  },
  {
    name: "backups-locked",
    why: "Whoever breaks in deletes the backups first: nobody can, for four weeks.",
    *check(graph) {
      const bucket = buckets(graph).find(({ name }) => name === "BackupsBucket");
      const lock =
        bucket && partOf(graph, bucket, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration");
      const days = Number(lock && at(lock, "rule", "defaultRetention", "days"));
      const wanted = /^(production|staging)$/.test(graph.stage) ? 28 : 1;
      if (!bucket || at(bucket, "objectLockEnabled") !== true || !(days >= wanted))
        yield { resource: "BackupsBucket", message: `is not locked for ${wanted} days` };
    },
  },
];
