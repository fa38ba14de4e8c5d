import { cpSync } from "node:fs";
import path from "node:path";
import { account, partition } from "./account.ts";
import { bundling } from "./bundling.ts";
import { inVpcDirect } from "./network.ts";
import { dataAtHome, home, type Place } from "./places.ts";
import { stageOf } from "./stage.ts";

// Every function of ours is made here, so that each has the same house rules: in the network, arm64, its own log group of
// three days, traced, its environment under our key, and rights that are the sum of what it uses and nothing else.
const stage = stageOf($app.stage);

export interface Permission {
  readonly effect?: "allow" | "deny";
  readonly actions: string[];
  readonly resources: $util.Input<$util.Input<string>[]>;
  readonly conditions?: { test: string; variable: string; values: $util.Input<$util.Input<string>[]> }[];
}

/** One thing a function uses: what it reads through `Resource`, and the rights that go with it. */
export interface Use {
  readonly links?: readonly Link[];
  readonly permissions?: readonly Permission[];
}

export interface FunctionSpec {
  /** "packages/functions/src/api/handler.handler". */
  readonly handler: string;
  readonly description: string;
  readonly timeout: `${number} ${"second" | "seconds" | "minute" | "minutes"}`;
  readonly memory?: `${number} MB`;
  readonly uses: readonly Use[];
  readonly environment?: Record<string, $util.Input<string>>;
  /** "direct" reaches the database itself, for migrations and provisioning; false is outside the network. */
  readonly network?: "proxy" | "direct" | false;
  /** It brings the schemas along that all others wait for. */
  readonly isMigration?: boolean;
  /** Kept free for it alone, on stages whose account has room for that. */
  readonly reserved?: number;
  /** An address of its own, which the edge calls. */
  readonly url?: "buffered" | "streaming";
  /** Packages that are not bundled but installed beside the code. */
  readonly install?: readonly string[];
  /** Folders that go into the zip. */
  readonly copyFiles?: readonly { readonly from: string; readonly to: string }[];
  /** Files of the repository that stand beside the code under the same path. SST would put each into the zip twice. */
  readonly files?: readonly string[];
}

export interface Made {
  readonly name: string;
  readonly fn: sst.aws.Function;
  /** What everybody calls: the version behind it is moved by deployments, and by a canary where there is one. */
  readonly live: aws.lambda.Alias;
  readonly functionName: string;
  readonly url: $util.Output<string> | undefined;
  readonly timeoutSeconds: number;
  /** Where it runs, where that is not the stage's own region. */
  readonly region?: string;
}

const migrated = Promise.withResolvers<$util.Input<string>>();
/** Said by migrate.ts, once: which schemas every school has when its run is over. */
export const migratedTo = (version: $util.Input<string>): void => migrated.resolve(version);
/**
 * Put into the environment of everything that runs our code: nobody has it before the run of this deployment is over, so
 * no new code is there before its schemas, and none at all when a school could not be brought along.
 */
export const afterMigration: Record<string, $util.Output<string>> = $dev
  ? {}
  : { LECTERN_SCHEMAS: $output(migrated.promise) };

/** All functions made here, for alarms and deployments. */
export const allFunctions: Made[] = [];

/** Role of one school's work (kernel/aws/wall.ts). Named ahead: functions are made before it. */
export const schoolRoleName = `${$app.name}-${$app.stage}-school`;
export const schoolRoleArn = $interpolate`arn:${partition}:iam::${account}:role/${schoolRoleName}`;

/** The relay's live alias (crons.ts). Named ahead: every function that emits is made before it. */
export const relayName = "CronRelay";
export const relayArn = $interpolate`arn:${partition}:lambda:${home.region}:${account}:function:${$app.name}-${$app.stage}-${relayName}:live`;

/** A link as SST takes it, told apart by its name. */
export interface Link {
  readonly name: string;
  readonly urn: $util.Output<string>;
  readonly properties: Readonly<Record<string, unknown>>;
  getSSTLink(): { properties: Record<string, unknown> };
}

/**
 * What code reads as `Resource.<name>`: properties only. SST's own links bring wide rights with them; ours are written
 * out in `uses.ts`.
 */
export function resource(name: string, properties: Record<string, unknown>): Link {
  const { urn } = new sst.Linkable(name, { properties });
  return narrowed({ name, urn }, properties);
}

/** The same resource with part of its properties, for who may know no more. */
export const narrowed = ({ name, urn }: Pick<Link, "name" | "urn">, properties: Record<string, unknown>): Link => ({
  name,
  urn,
  properties,
  getSSTLink: () => ({ properties }),
});

function besides(folder: string, files: readonly string[]): void {
  for (const file of files) cpSync(path.join($cli.paths.root, file), path.join(folder, file), { recursive: true });
}

// A pipeline moves the alias by CodeDeploy, slowly and with a way back; deployed by hand it follows at once.
const isShifted = process.env.LECTERN_CANARY === "1";

/** `place.suffix` must stand behind the name of what is made elsewhere. */
export function makeFunction(name: string, spec: FunctionSpec, place: Place = home): Made {
  const functionName = `${$app.name}-${$app.stage}-${name}`;
  if (functionName.length > 64) throw new Error(`${functionName} is too long for a function's name`);
  const { network = "proxy" } = spec;
  const fn = new sst.aws.Function(
    name,
    {
      name: functionName,
      description: spec.description,
      handler: spec.handler,
      runtime: "nodejs24.x",
      architecture: "arm64",
      timeout: spec.timeout,
      memory: spec.memory ?? "1024 MB",
      streaming: spec.url === "streaming",
      environment: {
        ...dataAtHome,
        LECTERN_RELEASE: process.env.LECTERN_RELEASE ?? "unreleased",
        ...(network && authorities(network === "direct")),
        ...(!spec.isMigration && afterMigration),
        ...spec.environment,
      },
      link: merged(spec.uses.flatMap(({ links = [] }) => links)),
      permissions: [
        ...spec.uses.flatMap(({ permissions = [] }) => permissions),
        ...own(functionName, place, !!network),
      ].map(
        // SST's type wants arrays it may change.
        (each) => ({ ...each, actions: [...each.actions] }),
      ),
      ...(network && { vpc: network === "direct" ? inVpcDirect : place.inVpc }),
      ...(spec.reserved !== undefined && stage.standing && { concurrency: { reserved: spec.reserved } }),
      ...(spec.copyFiles && { copyFiles: spec.copyFiles.map((each) => ({ ...each })) }),
      ...(spec.files && { hook: { postbuild: async (folder) => besides(folder, spec.files ?? []) } }),
      logging: { format: "json", retention: "3 days" },
      versioning: true,
      nodejs: {
        ...(spec.install && { install: [...spec.install] }),
        ...bundling,
      },
      transform: {
        // The managed policies that SST attaches hold rights on every log group: ours are in `own`.
        role: (args) => {
          args.managedPolicyArns = [];
          // SST lets the whole account step into the role, which only live development needs.
          if (!$dev) args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
        },
        logGroup: (args) => {
          args.kmsKeyId = place.keys.logs.arn;
        },
        function: (args) => {
          args.tracingConfig = { mode: "Active" };
          args.kmsKeyArn = place.keys.secrets.arn;
        },
      },
    },
    place.options,
  );
  const live = new aws.lambda.Alias(
    `${name}Live`,
    { name: "live", functionName: fn.name, functionVersion: fn.nodes.function.version },
    { ...place.options, ignoreChanges: isShifted ? ["functionVersion", "routingConfig"] : ["routingConfig"] },
  );
  const made: Made = {
    name,
    fn,
    live,
    functionName,
    url: spec.url ? addressOf(name, live, spec.url) : undefined,
    timeoutSeconds: secondsOf(spec.timeout),
    ...(typeof place.region === "string" && { region: place.region }),
  };
  allFunctions.push(made);
  return made;
}

/** Anyone may call it: what does not come through the edge lacks the edge's secret header and is refused by the code. */
function addressOf(name: string, live: aws.lambda.Alias, kind: "buffered" | "streaming"): $util.Output<string> {
  const address = new aws.lambda.FunctionUrl(`${name}Address`, {
    functionName: live.functionName,
    qualifier: live.name,
    authorizationType: "NONE",
    invokeMode: kind === "streaming" ? "RESPONSE_STREAM" : "BUFFERED",
  });
  const target = { function: live.functionName, qualifier: live.name, principal: "*" };
  new aws.lambda.Permission(`${name}AddressCalled`, {
    ...target,
    action: "lambda:InvokeFunctionUrl",
    functionUrlAuthType: "NONE",
  });
  new aws.lambda.Permission(`${name}AddressInvokes`, {
    ...target,
    action: "lambda:InvokeFunction",
    invokedViaFunctionUrl: true,
  });
  return address.functionUrl;
}

/**
 * Lambda brings the certificate authorities of RDS along but does not trust them by itself. Reading them slows a cold start,
 * so only who speaks to the cluster does it: the proxy shows a certificate that everybody knows.
 */
export const authorities = (isDirect: boolean): Record<string, string> =>
  isDirect || !stage.standing ? { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" } : {};

const functionArn = (functionName: string, { region }: Place) =>
  $interpolate`arn:${partition}:lambda:${region}:${account}:function:${functionName}`;

/** What every function may do for being one: write its log, send its traces, read its environment, have its address. */
export function own(functionName: string, place: Place, isInNetwork: boolean): Permission[] {
  const arn = functionArn(functionName, place);
  const group = $interpolate`arn:${partition}:logs:${place.region}:${account}:log-group:/aws/lambda/${functionName}`;
  return [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${group}:log-stream:*`] },
    // Traces belong to nothing that could be named.
    { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
    {
      actions: ["kms:Decrypt"],
      resources: [place.keys.secrets.arn],
      conditions: [{ test: "StringEquals", variable: "kms:EncryptionContext:aws:lambda:FunctionArn", values: [arn] }],
    },
    ...(isInNetwork ? [...interfaces(arn)] : []),
  ];
}

/** Lambda itself lays the function's way into the network, with the function's role; the function's code may not. */
function interfaces(arn: $util.Output<string>): Permission[] {
  const actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:UnassignPrivateIpAddresses",
  ];
  return [
    { actions, resources: ["*"] },
    {
      effect: "deny",
      actions,
      resources: ["*"],
      conditions: [{ test: "ArnEquals", variable: "lambda:SourceFunctionArn", values: [arn] }],
    },
  ];
}

/** Two uses may bring parts of the same resource: two secrets, say. */
export function merged(links: readonly Link[]): Link[] {
  const byName = new Map<string, Link>();
  for (const link of links) {
    const known = byName.get(link.name);
    byName.set(link.name, known ? narrowed(link, both(known.properties, link.properties)) : link);
  }
  return [...byName.values()];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function both(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>) {
  const all: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const there = all[key];
    all[key] = isRecord(there) && isRecord(value) ? { ...there, ...value } : value;
  }
  return all;
}

function secondsOf(timeout: FunctionSpec["timeout"]): number {
  const [count = "0", unit = ""] = timeout.split(" ");
  return Number(count) * (unit.startsWith("minute") ? 60 : 1);
}
