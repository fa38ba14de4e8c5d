import { account, partition, region } from "./account.ts";
import { keys } from "./keys.ts";
import { accessList, answers, anywhere, assumedBy, https, nfs, postgres, tag, writeFlows } from "./network/access.ts";
import { farRanges, range } from "./network/ranges.ts";
import { stageOf } from "./stage.ts";

// Three tiers over three zones: public (NAT, load balancer), private (code) and data (no route to the internet).
const stage = stageOf($app.stage);
const zones = [0, 1, 2];
// SST's own numbering of private subnets; the data tier uses the ranges after them.
const privateRanges = zones.map((zone) => `10.0.${8 * zone + 4}.0/22`);
export const dataRanges = zones.map((zone) => `10.0.${64 + zone}.0/24`);
/** Page servers in other regions reach the proxy through peering (network/far.ts). */
const farCode = $dev ? [] : stage.webRegions.slice(1).flatMap((each) => farRanges(each).privateRanges);

export const vpc = new sst.aws.Vpc("Network", {
  az: zones.length,
  // NAT instances cost a tenth of gateways but have no availability promise; good enough for personal stages.
  nat: stage.standing ? "managed" : "ec2",
  transform: {
    // Resources without an explicit group get the default group, so it must admit nothing.
    securityGroup: { ingress: [], egress: [] },
    natSecurityGroup: (args) => {
      args.ingress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: privateRanges }];
    },
    natInstance: (args) => {
      args.metadataOptions = { httpTokens: "required", httpEndpoint: "enabled" };
      args.rootBlockDevice = { encrypted: true };
    },
    // Only NAT and load balancer are here, and both bring their own address.
    publicSubnet: { mapPublicIpOnLaunch: false },
  },
});

export const dataRoutes = new aws.ec2.RouteTable("NetworkDataRoutes", { vpcId: vpc.id, tags: tag("data") });
export const zoneNames = vpc.nodes.privateSubnets.apply((subnets) =>
  $util.all(subnets.map((each) => each.availabilityZone)),
);
/** Subnets without a route to the internet: database, proxy and file system. */
export const dataSubnets = dataRanges.map((cidrBlock, index) => {
  const subnet = new aws.ec2.Subnet(`NetworkDataSubnet${index + 1}`, {
    vpcId: vpc.id,
    cidrBlock,
    availabilityZone: zoneNames.apply((names) => names[index] ?? ""),
    tags: tag(`data ${index + 1}`),
  });
  new aws.ec2.RouteTableAssociation(`NetworkDataRoutes${index + 1}`, {
    subnetId: subnet.id,
    routeTableId: dataRoutes.id,
  });
  return subnet.id;
});

const listed = (tier: string, subnetIds: $util.Input<$util.Input<string>[]>) => ({
  vpcId: vpc.id,
  subnetIds,
  tags: tag(tier),
});
accessList("NetworkAccessPublic", listed("public", vpc.publicSubnets), [
  { from: [anywhere], to: [anywhere], ports: https },
  { from: [anywhere], to: [anywhere], ports: answers },
]);
accessList("NetworkAccessPrivate", listed("private", vpc.privateSubnets), [
  { from: [range], to: [anywhere], ports: https },
  { to: dataRanges, ports: postgres },
  { to: dataRanges, ports: nfs },
  // Return traffic through the NAT keeps its original source address, so the NACL must allow ephemeral ports from
  // anywhere.
  { from: [anywhere], to: [range], ports: answers },
]);
accessList("NetworkAccessData", listed("data", dataSubnets), [
  { from: [...privateRanges, ...dataRanges, ...farCode], to: dataRanges, ports: postgres },
  { from: privateRanges, ports: nfs },
  { from: dataRanges, to: [...privateRanges, ...dataRanges, ...farCode], ports: answers },
]);
// A subnet without an explicit access list can reach nothing.
new aws.ec2.DefaultNetworkAcl("NetworkAccessDefault", {
  defaultNetworkAclId: vpc.nodes.vpc.defaultNetworkAclId,
  tags: tag("nothing"),
});

const group = (name: string, description: string) =>
  new aws.ec2.SecurityGroup(`Group${name}`, { vpcId: vpc.id, description, tags: tag(description) });

/** One security group per role. The table below holds all permitted connections. */
export const groups = {
  code: group("Code", "pages and API and workers"),
  migrator: group("Migrator", "migrations and provisioning of schools"),
  database: group("Database", "database"),
  proxy: group("Proxy", "database proxy"),
  workspace: group("Workspace", "workspace tasks"),
  balancer: group("Balancer", "load balancer of the workspace"),
  files: group("Files", "shared drive"),
  bastion: group("Bastion", "bastion"),
  endpoints: group("Endpoints", "interface endpoints"),
};
type Role = keyof typeof groups;
const title = (role: string) => role.charAt(0).toUpperCase() + role.slice(1);

function between(from: Role, to: Role, port: number): void {
  const rule = `${title(from)}To${title(to)}${port}`;
  const ends = { ipProtocol: "tcp", fromPort: port, toPort: port, description: `${from} to ${to}` };
  new aws.vpc.SecurityGroupEgressRule(`Out${rule}`, {
    ...ends,
    securityGroupId: groups[from].id,
    referencedSecurityGroupId: groups[to].id,
  });
  new aws.vpc.SecurityGroupIngressRule(`In${rule}`, {
    ...ends,
    securityGroupId: groups[to].id,
    referencedSecurityGroupId: groups[from].id,
  });
}

/** The port of the workspace's container. */
export const workspacePort = 8080;
if (stage.standing) {
  between("code", "proxy", 5432);
  between("proxy", "database", 5432);
  between("bastion", "database", 5432);
} else {
  between("code", "database", 5432);
}
between("migrator", "database", 5432);
between("balancer", "workspace", workspacePort);
between("workspace", "files", 2049);
for (const role of ["code", "migrator", "workspace", "bastion"] as const) {
  between(role, "endpoints", 443);
  // Addresses of AWS's services and of schools' webhooks change, so they cannot be listed.
  new aws.vpc.SecurityGroupEgressRule(`Out${title(role)}Https`, {
    securityGroupId: groups[role].id,
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: anywhere,
    description: "HTTPS",
  });
}
// Only CloudFront reaches the balancer; AWS maintains its address list.
new aws.vpc.SecurityGroupIngressRule("InBalancerEdge", {
  securityGroupId: groups.balancer.id,
  ipProtocol: "tcp",
  fromPort: 443,
  toPort: 443,
  prefixListId: aws.ec2.getManagedPrefixListOutput({ name: "com.amazonaws.global.cloudfront.origin-facing" }).id,
  description: "CloudFront",
});

export const inVpc = { privateSubnets: vpc.privateSubnets, securityGroups: [groups.code.id] };
/** For functions that bypass the proxy: migrations and provisioning. */
export const inVpcDirect = { privateSubnets: vpc.privateSubnets, securityGroups: [groups.code.id, groups.migrator.id] };

const ours = {
  effect: "Allow",
  principals: [{ type: "*", identifiers: ["*"] }],
  actions: ["*"],
  resources: ["*"],
  conditions: [{ test: "StringEquals", variable: "aws:PrincipalAccount", values: [account] }],
};
/** Endpoints accept only identities of this account, so another account's stolen keys cannot take data out. */
const endpointPolicy = aws.iam.getPolicyDocumentOutput({ statements: [ours] }).json;
const privateRoutes = vpc.nodes.privateRouteTables.apply((tables) => $util.all(tables.map(({ id }) => id)));

new aws.ec2.VpcEndpoint("EndpointDynamodb", {
  vpcId: vpc.id,
  serviceName: $interpolate`com.amazonaws.${region}.dynamodb`,
  vpcEndpointType: "Gateway",
  routeTableIds: privateRoutes,
  policy: endpointPolicy,
  tags: tag("dynamodb"),
});
new aws.ec2.VpcEndpoint("EndpointS3", {
  vpcId: vpc.id,
  serviceName: $interpolate`com.amazonaws.${region}.s3`,
  vpcEndpointType: "Gateway",
  routeTableIds: privateRoutes,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      ours,
      {
        // AWS's own buckets hold image layers and bastion packages; these reads are anonymous.
        effect: "Allow",
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["s3:GetObject"],
        resources: [
          $interpolate`arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
          $interpolate`arn:${partition}:s3:::al2023-repos-${region}-de612dc2/*`,
        ],
      },
    ],
  }).json,
  tags: tag("s3"),
});
if (stage.standing) {
  for (const service of ["sqs", "events", "secretsmanager", "kms", "sts", "logs"]) {
    new aws.ec2.VpcEndpoint(`Endpoint${title(service)}`, {
      vpcId: vpc.id,
      serviceName: $interpolate`com.amazonaws.${region}.${service}`,
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds: vpc.privateSubnets,
      securityGroupIds: [groups.endpoints.id],
      policy: endpointPolicy,
      tags: tag(service),
    });
  }
}

writeFlows("Network", vpc.id);

/** People enter through Session Manager only: no open port and no key. Standing stages only. */
if (stage.standing) makeBastion();

function makeBastion(): void {
  const role = new aws.iam.Role("BastionRole", {
    assumeRolePolicy: assumedBy("ec2.amazonaws.com"),
    managedPolicyArns: [$interpolate`arn:${partition}:iam::aws:policy/AmazonSSMManagedInstanceCore`],
  });
  const profile = new aws.iam.InstanceProfile("BastionProfile", { role: role.name });
  const image = aws.ssm.getParameterOutput({
    name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
  });
  new aws.ec2.Instance(
    "Bastion",
    {
      ami: image.insecureValue,
      instanceType: "t4g.nano",
      subnetId: $output(vpc.privateSubnets).apply((subnets) => $output(subnets[0] ?? "")),
      vpcSecurityGroupIds: [groups.bastion.id],
      iamInstanceProfile: profile.name,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, kmsKeyId: keys.data.arn },
      tags: tag("bastion"),
    },
    // A newer image would replace the machine and end open sessions at every deployment.
    { ignoreChanges: ["ami"] },
  );
}
