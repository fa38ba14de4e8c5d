import { keys } from "../keys.ts";

export const anywhere = "0.0.0.0/0";
export const https = [443, 443] as const;
export const postgres = [5432, 5432] as const;
export const nfs = [2049, 2049] as const;
/** NACLs are stateless: answers need a rule for the ephemeral ports that callers choose. */
export const answers = [1024, 65535] as const;

export const tag = (name: string) => ({ Name: `${$app.name}-${$app.stage} ${name}` });

interface Allowed {
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly ports: readonly [number, number];
}

interface Listed {
  readonly region?: string;
  readonly vpcId: $util.Input<string>;
  readonly subnetIds: $util.Input<$util.Input<string>[]>;
  readonly tags: Record<string, string>;
}

/** Blocks all traffic of these subnets except what is listed. */
export function accessList(name: string, of: Listed, allowed: readonly Allowed[]): void {
  const rules = (ends: readonly { cidr: string; ports: readonly [number, number] }[]) =>
    ends.map(({ cidr, ports: [fromPort, toPort] }, index) => ({
      ruleNo: 100 + 10 * index,
      action: "allow",
      protocol: "tcp",
      cidrBlock: cidr,
      fromPort,
      toPort,
    }));
  new aws.ec2.NetworkAcl(name, {
    ...of,
    ingress: rules(allowed.flatMap(({ from = [], ports }) => from.map((cidr) => ({ cidr, ports })))),
    egress: rules(allowed.flatMap(({ to = [], ports }) => to.map((cidr) => ({ cidr, ports })))),
  });
}

export const assumedBy = (identifier: string) =>
  aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        actions: ["sts:AssumeRole"],
        principals: [{ type: "Service", identifiers: [identifier] }],
      },
    ],
  }).json;

/** Writes flow logs, kept for three days. */
export function writeFlows(
  name: string,
  vpcId: $util.Input<string>,
  there?: { readonly region: string; readonly keys: Pick<typeof keys, "logs"> },
): void {
  const at = there && { region: there.region };
  const group = new aws.cloudwatch.LogGroup(`${name}FlowLogs`, {
    ...at,
    name: `/lectern/${$app.stage}/network/flow`,
    retentionInDays: 3,
    kmsKeyId: (there?.keys ?? keys).logs.arn,
  });
  const role = new aws.iam.Role(`${name}FlowRole`, { assumeRolePolicy: assumedBy("vpc-flow-logs.amazonaws.com") });
  const policy = new aws.iam.RolePolicy(`${name}FlowPolicy`, {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          resources: [group.arn, $interpolate`${group.arn}:log-stream:*`],
        },
      ],
    }).json,
  });
  new aws.ec2.FlowLog(
    `${name}Flow`,
    {
      ...at,
      vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      tags: tag("flow"),
    },
    { dependsOn: [policy] },
  );
}
