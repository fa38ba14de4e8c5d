import { original, waiting } from "../packages/core/src/kernel/storage/tags.ts";
import { account } from "./account.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// What is kept as files. Every key in media and packages leads with its school, so rules of a bucket cannot go by prefix:
// what lives shorter or moves to a colder shelf says so by a tag.
const stage = stageOf($app.stage);

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;
type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;
type Name = "media" | "packages" | "exports" | "logs" | "backups" | "audit";

const enabled = (id: string, rule: Omit<Rule, "id" | "status">): Rule => ({ id, status: "Enabled", ...rule });
/** By what the code tags an object with (packages/core/src/kernel/storage/tags.ts). */
const tagged = ({ key, value }: { readonly key: string; readonly value: string }) => ({ tag: { key, value } });
const everything = {};
const tidy: Rule[] = [
  enabled("unfinished", { filter: everything, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }),
  // What was deleted or written over can be brought back for a month, and is gone then: a deletion means what it says.
  enabled("past", {
    filter: everything,
    noncurrentVersionExpiration: { noncurrentDays: 30 },
    expiration: { expiredObjectDeleteMarker: true },
  }),
];
const abandoned = enabled("abandoned", {
  filter: tagged(waiting),
  expiration: { days: 1 },
  noncurrentVersionExpiration: { noncurrentDays: 1 },
});
const colder = [
  { days: 30, storageClass: "STANDARD_IA" },
  { days: 90, storageClass: "GLACIER" },
];
const originals = enabled("originals", { filter: tagged(original), transitions: colder });
const gone = (days: number) => enabled("gone", { filter: everything, expiration: { days } });

/**
 * Our own pages: no script of another site reads what a bucket answers, whatever address it was given. Uploads are forms,
 * which need no such leave, also at a school's own domain (docs/adr/0015-own-domains.md).
 */
const origins = [`https://${stage.domain}`, `https://*.${stage.domain}`];

const statements: Record<Name, { statement: Statement; paths: readonly $util.Input<string>[] }[]> = {
  media: [],
  packages: [],
  exports: [],
  logs: [],
  backups: [],
  audit: [],
};
const sealed = Promise.withResolvers<true>();
const written = new Map<Name, Promise<$util.Resource>>();

interface Spec {
  readonly lifecycle: readonly Rule[];
  readonly hasCors?: boolean;
  readonly key?: aws.kms.Key;
  readonly isLocked?: boolean;
  readonly isBackedUp?: boolean;
}

function bucket(name: Name, spec: Spec): sst.aws.Bucket {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const made = new sst.aws.Bucket(title, {
    versioning: true,
    cors: spec.hasCors
      ? { allowOrigins: origins, allowMethods: ["GET", "HEAD", "POST"], allowHeaders: ["*"], maxAge: "1 hour" }
      : false,
    transform: {
      bucket: (args) => {
        // SST would empty a bucket to delete it.
        args.forceDestroy = stage.removal === "remove";
        args.objectLockEnabled = spec.isLocked ?? false;
        args.tags = { backup: spec.isBackedUp && stage.standing ? "weekly" : "none" };
      },
      policy: (args, options) => {
        const policy = Promise.withResolvers<$util.Resource>();
        written.set(name, policy.promise);
        options.transformations = [({ resource }) => void policy.resolve(resource)];
        args.policy = $output(sealed.promise).apply(() => policyOf(name, made));
      },
    },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration(`${title}Encryption`, {
    bucket: made.name,
    rules: [
      spec.key
        ? {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: spec.key.arn },
            bucketKeyEnabled: true,
          }
        : { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
    ],
  });
  new aws.s3.BucketOwnershipControls(`${title}Ownership`, {
    bucket: made.name,
    rule: { objectOwnership: "BucketOwnerEnforced" },
  });
  new aws.s3.BucketLifecycleConfiguration(`${title}Lifecycle`, {
    bucket: made.name,
    rules: [...spec.lifecycle],
  });
  return made;
}

/** A bucket has one policy: it is written when every module has said whom it lets in. */
function policyOf(name: Name, made: sst.aws.Bucket) {
  const everyone = [{ type: "*", identifiers: ["*"] }];
  const refuse = (sid: string, test: string, variable: string, value: string): Statement => ({
    sid,
    effect: "Deny",
    principals: everyone,
    actions: ["s3:*"],
    resources: [made.arn, $interpolate`${made.arn}/*`],
    conditions: [{ test, variable, values: [value] }],
  });
  return aws.iam.getPolicyDocumentOutput({
    statements: [
      refuse("TlsOnly", "Bool", "aws:SecureTransport", "false"),
      refuse("TlsOfThisDecade", "NumericLessThan", "s3:TlsVersion", "1.2"),
      ...statements[name].map(({ statement, paths }) => ({
        ...statement,
        resources: paths.map((path) => (path === "" ? made.arn : $interpolate`${made.arn}/${path}`)),
      })),
    ],
  }).json;
}

/** Lets somebody into a bucket, from any module that comes before `sealBuckets`. An empty path is the bucket itself. */
export function allow(name: Name, statement: Statement, paths: readonly $util.Input<string>[] = ["*"]): void {
  statements[name].push({ statement, paths });
}

/** Lets one distribution of ours read these paths of a bucket: no other one, of whatever account. */
export function allowDistribution(name: Name, arn: $util.Input<string>, paths: readonly string[]): void {
  allow(
    name,
    {
      principals: [{ type: "Service", identifiers: ["cloudfront.amazonaws.com"] }],
      actions: ["s3:GetObject"],
      conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [arn] }],
    },
    paths,
  );
}

/** The policy of a bucket, for what AWS refuses to make before it is let in. */
export const policyWritten = (made: sst.aws.Bucket, name: Name): $util.Output<$util.Resource> =>
  // SST makes the policy before it gives out the name.
  made.name.apply(() => {
    const policy = written.get(name);
    if (!policy) throw new Error(`the bucket ${name} has no policy`);
    return policy;
  });

/** Called when every module has run: from then on the policies are as they are. */
export const sealBuckets = (): void => sealed.resolve(true);

export const buckets = {
  /** Files of lessons, covers and logos. */
  media: bucket("media", {
    lifecycle: [...tidy, abandoned, originals],
    hasCors: true,
    key: keys.storage,
    isBackedUp: true,
  }),
  /** Uploaded packages. They hold other people's scripts and are handed out on a domain that shares nothing with ours. */
  packages: bucket("packages", {
    lifecycle: [...tidy, abandoned, originals],
    hasCors: true,
    key: keys.storage,
    isBackedUp: true,
  }),
  /** What people asked for about themselves or their school: fetched within a week or made again. */
  exports: bucket("exports", { lifecycle: [...tidy, gone(7)], key: keys.storage }),
  /**
   * Access logs of the fronts, and logs that outlive their three days. The load balancer and S3 itself can write under S3's
   * own key only.
   */
  logs: bucket("logs", {
    lifecycle: [...tidy, enabled("colder", { filter: everything, transitions: colder }), gone(400)],
  }),
  /** A dump of each school every night, which nobody can delete for a month. */
  backups: bucket("backups", { lifecycle: [...tidy, gone(35)], key: keys.backup, isLocked: true }),
  /** Who did what in the account (security.ts). It outlives every other log, and nobody can delete from it for a year. */
  audit: stage.standing
    ? bucket("audit", {
        lifecycle: [...tidy, enabled("colder", { filter: everything, transitions: colder }), gone(800)],
        key: keys.logs,
        isLocked: true,
      })
    : undefined,
};

new aws.s3.BucketObjectLockConfiguration("BackupsLock", {
  bucket: buckets.backups.name,
  // A preview must be able to go. Nobody is given the right to pass by a governance lock; the account's owner could.
  rule: { defaultRetention: { mode: "GOVERNANCE", days: stage.standing ? 28 : 1 } },
});

if (buckets.audit)
  new aws.s3.BucketObjectLockConfiguration("AuditLock", {
    bucket: buckets.audit.name,
    rule: { defaultRetention: { mode: "GOVERNANCE", days: 365 } },
  });

const ofAccount = { test: "StringEquals", variable: "aws:SourceAccount", values: [account] };
allow("logs", {
  sid: "FrontsWrite",
  principals: [
    {
      type: "Service",
      identifiers: ["delivery.logs.amazonaws.com", "logging.s3.amazonaws.com"],
    },
  ],
  actions: ["s3:PutObject"],
  conditions: [ofAccount],
});
// A load balancer names no account when it writes: the path has ours in it.
allow(
  "logs",
  {
    sid: "BalancerWrites",
    principals: [{ type: "Service", identifiers: ["logdelivery.elasticloadbalancing.amazonaws.com"] }],
    actions: ["s3:PutObject"],
  },
  [$interpolate`*/AWSLogs/${account}/*`],
);
allow(
  "logs",
  {
    sid: "DeliveryLooks",
    principals: [{ type: "Service", identifiers: ["delivery.logs.amazonaws.com"] }],
    actions: ["s3:GetBucketAcl", "s3:ListBucket"],
    conditions: [ofAccount],
  },
  [""],
);
