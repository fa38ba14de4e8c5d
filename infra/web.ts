import { partition } from "./account.ts";
import { bundling } from "./bundling.ts";
import { ownDomains } from "./domains.ts";
import { keepAccessLogs } from "./front-logs.ts";
import { afterMigration, authorities, merged, own, type Use } from "./functions.ts";
import { dataAtHome, type FarPlace, farPlaces, home } from "./places.ts";
import { edge, router } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { itemsOfDoor, uses } from "./uses.ts";

// The pages: Remix on Lambda behind the router, and browser files in a bucket. docs/adr/0010-pages-at-the-edge.md
// explains rendering and invalidation.
const stage = stageOf($app.stage);

export const webFunction = { name: "Web", functionName: `${$app.name}-${$app.stage}-Web`, timeoutSeconds: 20 };

export { router };

const used: readonly Use[] = [
  edge,
  uses.platform,
  uses.directory,
  itemsOfDoor("Web"),
  uses.schools,
  uses.database,
  uses.nudges,
  secretsLink("SessionSecret", "FinderKey", "OperatorToken"),
];
const permissions = used.flatMap((use) => use.permissions ?? []);

/** Page servers in other regions, with their log groups; SST exposes only the first server. */
export const farServers = farPlaces.map((place) => ({
  place,
  subject: `${webFunction.name}${place.suffix}`,
  functionName: functionNameIn(place),
  logGroup: new aws.cloudwatch.LogGroup(`${webFunction.name}${place.suffix}Logs`, {
    region: place.region,
    name: `/aws/lambda/${functionNameIn(place)}`,
    retentionInDays: 3,
    kmsKeyId: place.keys.logs.arn,
  }),
}));

function functionNameIn({ suffix }: Pick<FarPlace, "suffix">): string {
  return `${webFunction.functionName}${suffix}`;
}

export const site = new sst.aws.Remix("Web", {
  path: "packages/web",
  // Runs in packages/web; skips the build when the sources have not changed.
  buildCommand: "node --import tsx --import ../local/bin/preload.mjs ../../scripts/build-web.ts",
  router: { instance: router },
  regions: [...stage.webRegions],
  vpc: home.inVpc,
  server: { memory: "1792 MB", timeout: "20 seconds", architecture: "arm64", runtime: "nodejs24.x" },
  environment: {
    ...dataAtHome,
    NODE_ENV: "production",
    LECTERN_RELEASE: process.env.LECTERN_RELEASE ?? "unreleased",
    ...authorities(false),
    ...afterMigration,
  },
  link: merged(used.flatMap(({ links = [] }) => links)),
  // A release changes pages, so invalidate all of them.
  invalidation: { paths: "all", wait: false },
  assets: {
    // Icons and similar files keep their names across releases.
    nonVersionedFilesCacheHeader: "public,max-age=3600,s-maxage=86400,stale-while-revalidate=86400",
    versionedFilesCacheHeader: "public,max-age=31536000,immutable",
  },
  transform: {
    server: (args, _, name) => {
      const far = farServers.find(({ place }) => name === `WebServer${place.suffix}`);
      const place = far?.place ?? home;
      args.name = functionNameIn(place);
      if (far) args.vpc = place.inVpc;
      // By default SST lets the server invalidate every distribution of the account.
      args.permissions = [...permissions, ...own(functionNameIn(place), place, true)].map((each) => ({
        ...each,
        actions: [...each.actions],
      }));
      // By default SST lets every site's scripts read the function URL's answers.
      args.url = { authorization: "none", cors: false };
      args.logging = { format: "json", ...(far ? { logGroup: far.logGroup.name } : { retention: "3 days" }) };
      args.nodejs = bundling;
      args.transform = {
        // SST's managed policies grant rights on every log group; `own` grants only this function's.
        role: (role) => {
          role.managedPolicyArns = [];
        },
        logGroup: (group) => {
          group.kmsKeyId = place.keys.logs.arn;
        },
        function: (fn) => {
          fn.tracingConfig = { mode: "Active" };
          fn.kmsKeyArn = place.keys.secrets.arn;
          if (stage.standing) fn.reservedConcurrentExecutions = stage.concurrency.web;
        },
      };
    },
    assets: (args) => {
      args.enforceHttps = true;
      args.transform = {
        policy: (policy) => {
          const bucketArn = $interpolate`arn:${partition}:s3:::${policy.bucket}`;
          policy.policy = aws.iam.getPolicyDocumentOutput({
            statements: [
              {
                effect: "Deny",
                principals: [{ type: "*", identifiers: ["*"] }],
                actions: ["s3:*"],
                resources: [bucketArn, $interpolate`${bucketArn}/*`],
                conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
              },
              {
                // By default SST lets any distribution of any account read it.
                principals: [{ type: "Service", identifiers: ["cloudfront.amazonaws.com"] }],
                actions: ["s3:GetObject"],
                resources: [$interpolate`${bucketArn}/*`],
                conditions: [
                  { test: "ArnEquals", variable: "aws:SourceArn", values: [router._distributionArn, ownDomains.arn] },
                ],
              },
            ],
          }).json;
        },
      };
    },
  },
});

keepAccessLogs("Router", router._distributionArn);
