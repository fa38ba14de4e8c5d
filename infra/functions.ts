import { cpSync } from "node:fs";
import path from "node:path";
import { account, partition } from "./account.ts";
import { bundling } from "./bundling.ts";
import { inVpcDirect } from "./network.ts";
import { dataAtHome, home, type Place } from "./places.ts";
import { stageOf } from "./stage.ts";

// Creates every function with the same defaults: in the network, arm64, a log group with three days, tracing, an
// encrypted environment, and exactly the rights of its uses.
const stage = stageOf($app.stage);

export interface Permission {
  readonly effect?: "allow" | "deny";
  readonly actions: string[];
  readonly resources: $util.Input<$util.Input<string>[]>;
  readonly conditions?: { test: string; variable: string; values: $util.Input<$util.Input<string>[]> }[];
}

/** Something a function uses: its `Resource` entries and the rights that go with them. */
export interface Use {
  readonly links?: readonly Link[];
  readonly permissions?: readonly Permission[];
}

export interface FunctionSpec {
  readonly handler: string;
  readonly description: string;
  readonly timeout: `${number} ${"second" | "seconds" | "minute" | "minutes"}`;
  readonly memory?: `${number} MB`;
  readonly uses: readonly Use[];
  readonly environment?: Record<string, $util.Input<string>>;
  /** "direct" bypasses the database proxy, for migrations and provisioning; false stays outside the network. */
  readonly network?: "proxy" | "direct" | false;
  /** Runs the migrations that all other functions wait for. */
  readonly isMigration?: boolean;
  /** Reserved concurrency, on stages whose account limit allows it. */
  readonly reserved?: number;
  /** A function URL, called by the edge. */
  readonly url?: "buffered" | "streaming";
  readonly install?: readonly string[];
  readonly copyFiles?: readonly { readonly from: string; readonly to: string }[];
  /** Repository files beside the code under the same path. SST's copyFiles would put each into the zip twice. */
  readonly files?: readonly string[];
}

export interface Made {
  readonly name: string;
  readonly fn: sst.aws.Function;
  /** The alias that callers use; deployments and CodeDeploy move it. */
  readonly live: aws.lambda.Alias;
  readonly functionName: string;
  readonly url: $util.Output<string> | undefined;
  readonly timeoutSeconds: number;
  readonly region?: string;
}

const migrated = Promise.withResolvers<$util.Input<string>>();
/** Set once by migrate.ts: the schema version of every school after its run. */
export const migratedTo = (version: $util.Input<string>): void => migrated.resolve(version);
/**
 * In the environment of all functions, so that no new code starts before this deployment's migration, and none at all
 * when it fails for a school.
 */
export const afterMigration: Record<string, $util.Output<string>> = $dev
  ? {}
  : { LECTERN_SCHEMAS: $output(migrated.promise) };

export const allFunctions: Made[] = [];

/** Role of one school's work (kernel/aws/wall.ts). A constant, because functions are created before the role. */
export const schoolRoleName = `${$app.name}-${$app.stage}-school`;
export const schoolRoleArn = $interpolate`arn:${partition}:iam::${account}:role/${schoolRoleName}`;

/** The relay's live alias (crons.ts). Named ahead: every function that emits is made before it. */
export const relayName = "CronRelay";
export const relayArn = $interpolate`arn:${partition}:lambda:${home.region}:${account}:function:${$app.name}-${$app.stage}-${relayName}:live`;

/** An SST link, identified by its name. */
export interface Link {
  readonly name: string;
  readonly urn: $util.Output<string>;
  readonly properties: Readonly<Record<string, unknown>>;
  getSSTLink(): { properties: Record<string, unknown> };
}

export function resource(name: string, properties: Record<string, unknown>): Link {
  const { urn } = new sst.Linkable(name, { properties });
  return narrowed({ name, urn }, properties);
}

/** Returns the resource with a subset of its properties, for functions that need no more. */
export const narrowed = ({ name, urn }: Pick<Link, "name" | "urn">, properties: Record<string, unknown>): Link => ({
  name,
  urn,
  properties,
  getSSTLink: () => ({ properties }),
});

function besides(folder: string, files: readonly string[]): void {
  for (const file of files) cpSync(path.join($cli.paths.root, file), path.join(folder, file), { recursive: true });
}

// The pipeline shifts the alias with CodeDeploy; a manual deployment moves it at once.
const isShifted = process.env.LECTERN_CANARY === "1";

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
        // SST's type wants mutable arrays.
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
        // SST's managed policies grant rights on every log group; `own` grants only this function's.
        role: (args) => {
          args.managedPolicyArns = [];
          // SST lets the whole account assume the role, which only live development needs.
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

/** Publicly callable; the code refuses requests without the edge's secret header. */
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
 * Lambda ships RDS's certificate authorities but does not trust them. Reading them slows cold starts, so only functions
 * that bypass the proxy do; the proxy's certificate is publicly trusted.
 */
export const authorities = (isDirect: boolean): Record<string, string> =>
  isDirect || !stage.standing ? { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" } : {};

const functionArn = (functionName: string, { region }: Place) =>
  $interpolate`arn:${partition}:lambda:${region}:${account}:function:${functionName}`;

/** Returns the rights every function needs: its log, traces, environment key and network address. */
export function own(functionName: string, place: Place, isInNetwork: boolean): Permission[] {
  const arn = functionArn(functionName, place);
  const group = $interpolate`arn:${partition}:logs:${place.region}:${account}:log-group:/aws/lambda/${functionName}`;
  return [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${group}:log-stream:*`] },
    // X-Ray actions support no resource.
    { actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] },
    {
      actions: ["kms:Decrypt"],
      resources: [place.keys.secrets.arn],
      conditions: [{ test: "StringEquals", variable: "kms:EncryptionContext:aws:lambda:FunctionArn", values: [arn] }],
    },
    ...(isInNetwork ? [...interfaces(arn)] : []),
  ];
}

/**
 * Lambda attaches the network interface with the function's role; the deny below keeps the function's code from doing
 * it.
 */
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
