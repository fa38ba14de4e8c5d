import { Edge } from "@lectern/core/kernel/edge";
import { Legal } from "@lectern/core/people/legal";
import type { Resource } from "sst";
import { house } from "../cloudfront-tenants/house.ts";
import type { Settings } from "./state.ts";

/** What `SST_RESOURCES_JSON` holds on a local stage: every resource of sst-env.d.ts. */
export type Resources = {
  [Name in keyof Omit<Resource, "LocalCloud">]: Resource[Name];
} & { LocalCloud: NonNullable<Resource["LocalCloud"]> };

export interface Endpoints {
  dynamodb: string;
  s3: string;
  sqs: string;
  eventbridge: string;
  lambda: string;
  ses: string;
  cloudfront: string;
  cloudfrontKvs: string;
}

export const names = {
  directoryTable: "lectern-local-directory",
  authTable: "lectern-local-auth",
  dataTable: (cell: string) => `lectern-local-data-${cell}`,
  mediaBucket: "lectern-local-media",
  packagesBucket: "lectern-local-packages",
  backupsBucket: "lectern-local-backups",
  bus: "lectern-local-bus",
  queue: (reaction: string) => `lectern-local-${reaction}`,
  deadLetters: (reaction: string) => `lectern-local-${reaction}-dlq`,
  relay: "arn:aws:lambda:us-east-1:000000000000:function:lectern-local-relay:live",
  edgeStore: "arn:aws:cloudfront::000000000000:key-value-store/00000000-0000-4000-8000-000000000000",
} as const;

export const queueUrl = (sqsEndpoint: string, reaction: string): string =>
  `${sqsEndpoint}/000000000000/${names.queue(reaction)}`;

/** Reads the same variables as a deployment; the default contact is a reserved address. */
const legal = () => ({ contact: "mailto:operator@lectern.test", ...Legal.platformLegal((name) => process.env[name]) });

export function buildResources(options: {
  port: number;
  dataDir: string;
  cells: readonly string[];
  settings: Settings;
  endpoints: Endpoints;
  /** The local name server. */
  dns: string;
}): Resources {
  const { port, dataDir, cells, settings, endpoints, dns } = options;
  const { secrets } = settings;
  return {
    App: { name: "lectern", stage: "local" },
    Platform: { domain: `localhost:${port}`, protocol: "http", legal: legal() },
    Edge: { accepted: [Edge.digest(settings.secrets.localKey)] },
    EdgeStore: { arn: names.edgeStore },
    SchoolRole: { arn: "arn:aws:iam::000000000000:role/lectern-local-school" },
    DirectoryTable: { name: names.directoryTable },
    AuthTable: { name: names.authTable },
    MediaBucket: { name: names.mediaBucket },
    PackagesBucket: { name: names.packagesBucket },
    BackupsBucket: { name: names.backupsBucket },
    Bus: { name: names.bus, arn: `arn:aws:events:us-east-1:000000000000:event-bus/${names.bus}` },
    Relay: { function: names.relay },
    Email: { sender: "no-reply@lectern.localhost", configSet: "lectern-local" },
    Domains: { distributionId: house.distributionId, connectionGroupId: house.connectionGroupId },
    Queues: { urls: Object.fromEntries(settings.queues.map((name) => [name, queueUrl(endpoints.sqs, name)])) },
    Secrets: {
      values: {
        SessionSecret: secrets.session,
        FinderKey: secrets.finder,
        OperatorToken: secrets.operator,
        InternalKeys: JSON.stringify({ current: { id: "local", secret: secrets.internal } }),
        DatabaseMigratorPassword: secrets.migrator,
        DatabaseProvisionerPassword: secrets.provisioner,
      },
    },
    // Local events arrive at once.
    Settings: { values: { "mail/settle-seconds": "10" } },
    LocalCloud: {
      endpoints: { ...endpoints, sns: endpoints.sqs },
      dataDir,
      passwords: { lectern_app: secrets.app, lectern_platform: secrets.platform },
      dataTables: cells.map(names.dataTable),
      sharedTables: { auth: names.authTable, directory: names.directoryTable },
      mailUrl: endpoints.ses,
      dns,
      localKey: settings.secrets.localKey,
    },
  };
}
