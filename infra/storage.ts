import { original, waiting } from "../packages/core/src/kernel/storage/tags.ts";
import { account } from "./account.ts";
import { keys } from "./keys.ts";
import { stageOf } from "./stage.ts";

// Buckets. Keys in media and packages begin with the school, so lifecycle rules cannot use prefixes; objects with a
// shorter life or a colder class carry a tag.
const stage = stageOf($app.stage);

type Rule = aws.types.input.s3.BucketLifecycleConfigurationRule;
type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;
type Name = "media" | "packages" | "exports" | "logs" | "backups" | "audit";

const enabled = (id: string, rule: Omit<Rule, "id" | "status">): Rule => ({ id, status: "Enabled", ...rule });
/** Tags from packages/core/src/kernel/storage/tags.ts. */
const tagged = ({ key, value }: { readonly key: string; readonly value: string }) => ({ tag: { key, value } });
const everything = {};
const tidy: Rule[] = [
  enabled("unfinished", { filter: everything, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }),
  // Deleted or overwritten versions are recoverable for a month, then removed for good.
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
 * Other sites' scripts must not read a bucket's answers. Uploads are forms, which need no CORS, also on custom domains
 * (docs/adr/0015-own-domains.md).
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
        // By default SST empties a bucket to delete it.
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

/** A bucket has one policy, so it is written after every module has added its statements. */
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

/** Adds a statement to a bucket's policy before `sealBuckets`. An empty path means the bucket itself. */
export function allow(name: Name, statement: Statement, paths: readonly $util.Input<string>[] = ["*"]): void {
  statements[name].push({ statement, paths });
}

/** Lets exactly one distribution read these paths of a bucket. */
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

/** The policy as a dependency, for resources that AWS refuses to create before it. */
export const policyWritten = (made: sst.aws.Bucket, name: Name): $util.Output<$util.Resource> =>
  // SST creates the policy before it resolves the name.
  made.name.apply(() => {
    const policy = written.get(name);
    if (!policy) throw new Error(`the bucket ${name} has no policy`);
    return policy;
  });

export const sealBuckets = (): void => sealed.resolve(true);

export const buckets = {
  /** Files of lessons, covers and logos. */
  media: bucket("media", {
    lifecycle: [...tidy, abandoned, originals],
    hasCors: true,
    key: keys.storage,
    isBackedUp: true,
  }),
  /** Uploaded packages with foreign scripts, served on a separate domain. */
  packages: bucket("packages", {
    lifecycle: [...tidy, abandoned, originals],
    hasCors: true,
    key: keys.storage,
    isBackedUp: true,
  }),
  /** Data exports of people and schools, kept for a week. */
  exports: bucket("exports", { lifecycle: [...tidy, gone(7)], key: keys.storage }),
  /** Access logs and archived logs. Load balancer and S3 can write under S3's own key only. */
  logs: bucket("logs", {
    lifecycle: [...tidy, enabled("colder", { filter: everything, transitions: colder }), gone(400)],
  }),
  /** A nightly dump of each school, locked for a month. */
  backups: bucket("backups", { lifecycle: [...tidy, gone(35)], key: keys.backup, isLocked: true }),
  /** CloudTrail (security.ts), locked for a year. */
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
  // A preview must be removable. No role may bypass a governance lock; only the account's owner could.
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
// A load balancer identifies no account when it writes, so the path contains ours.
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
