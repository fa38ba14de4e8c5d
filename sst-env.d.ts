// What application code may read through `Resource`. The SST CLI writes this file from a deployed stage; until there is
// one it is kept by hand and agrees with packages/local (which fills SST_RESOURCES_JSON) and, later, with infra/.
import "sst";

declare module "sst" {
  export interface Resource {
    App: { name: string; stage: string };
    /** `domain` carries the port where there is one: "localhost:3000", "lectern.example". */
    Platform: {
      domain: string;
      protocol: "http" | "https";
      /** Who runs this deployment: addresses of its own pages, and of whom to ask (`LECTERN_PRIVACY` and the like). */
      legal: { privacy?: string; terms?: string; imprint?: string; contact?: string };
    };
    /** SHA-256 of the values of the header that the edge adds to every request (kernel/edge). */
    Edge: { accepted: string[] };
    /** What the edge reads at each request: among SST's routes, the edition of each host (kernel/edition). */
    EdgeStore: { arn: string };
    /** Assumed with the session tag `school` for everything of one school in DynamoDB and S3 (kernel/aws/wall.ts). */
    SchoolRole: { arn: string };
    DirectoryTable: { name: string };
    AuthTable: { name: string };
    MediaBucket: { name: string };
    PackagesBucket: { name: string };
    /** A dump of each school every night (packages/tenants/src/backup). */
    BackupsBucket: { name: string };
    /** The migration function's: what packages/functions/src/migrate/seed.ts checks. Deployed stages only. */
    CellSeed?: Record<string, unknown>;
    Bus: { name: string; arn: string };
    /** What a commit with events invokes at once (kernel/event/nudge.ts): the ARN of the relay's live alias. */
    Relay: { function: string };
    Email: { sender: string; configSet: string };
    /** Where schools' own domains are made known to the edge; local stages have a part that stands for it. */
    Domains: { distributionId: string; connectionGroupId: string };
    /** Tasks that the workspace runs for one school each; stages without it work everything off in place. */
    Jobs?: {
      cluster: string;
      /** ARN of the task definition that a school's own is a copy of. */
      template: string;
      container: string;
      fileSystemId: string;
      subnets: readonly string[];
      groups: readonly string[];
    };
    /** Connections that pages keep open; local stages have none. */
    Socket?: { url: string; managementEndpoint: string };
    /** One queue per reaction of packages/functions/src/event/reactions.ts, by reaction name. */
    Queues: { urls: Record<string, string> };
    /** On AWS where in Secrets Manager they lie, on local stages the values themselves. Read by `kernel/secret` only. */
    Secrets: { arns?: Readonly<Record<string, string>>; values?: Readonly<Record<string, string>> };
    /** On AWS the path in Parameter Store, on local stages the values. Read by `kernel/secret` only. */
    Settings: { path?: string; values?: Readonly<Record<string, string>> };
    /** Present on local stages only: where the local parts listen. */
    LocalCloud?: {
      endpoints: {
        dynamodb: string;
        s3: string;
        sqs: string;
        sns: string;
        eventbridge: string;
        lambda: string;
        ses: string;
        cloudfrontKvs: string;
        cloudfront: string;
      };
      dataDir: string;
      /** The local Postgres; on AWS these two sign in by IAM token. */
      passwords: { lectern_app: string; lectern_platform: string };
      /** The cells' data tables: what the school role may touch. */
      dataTables: readonly string[];
      sharedTables: { auth: string; directory: string };
      mailUrl: string;
      /** Name server of the local stage, `127.0.0.1:<port>`: it holds the records an admin would set at a provider. */
      dns: string;
      /** Tests and benches send it as `x-lectern-local` to name a rate-limit bucket of their own. */
      localKey: string;
    };
  }
}
