import { account, partition, region } from "./account.ts";
import { keys } from "./keys.ts";
import { accessList, answers, anywhere, assumedBy, https, nfs, postgres, tag, writeFlows } from "./network/access.ts";
import { farRanges, range } from "./network/ranges.ts";
import { stageOf } from "./stage.ts";

// Three tiers over three zones: public (NAT and load balancer), private (our code) and data (no way to the internet at all).
const stage = stageOf($app.stage);
const zones = [0, 1, 2];
// SST's own numbering of the private subnets; the data tier lies behind them.
const privateRanges = zones.map((zone) => `10.0.${8 * zone + 4}.0/22`);
export const dataRanges = zones.map((zone) => `10.0.${64 + zone}.0/24`);
/** Where the pages' server runs in other regions: it comes to the proxy by peering (network/far.ts). */
const farCode = $dev ? [] : stage.webRegions.slice(1).flatMap((each) => farRanges(each).privateRanges);

export const vpc = new sst.aws.Vpc("Network", {
  az: zones.length,
  // Instances cost a tenth of gateways and have no promise of being there: enough where nobody else works.
  nat: stage.standing ? "managed" : "ec2",
  transform: {
    // The default group admits the whole network and is what a forgotten argument falls back to: it admits nothing.
    securityGroup: { ingress: [], egress: [] },
    natSecurityGroup: (args) => {
      args.ingress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: privateRanges }];
    },
    natInstance: (args) => {
      args.metadataOptions = { httpTokens: "required", httpEndpoint: "enabled" };
      args.rootBlockDevice = { encrypted: true };
    },
    // Only a NAT and the load balancer live here, and both bring their own address.
    publicSubnet: { mapPublicIpOnLaunch: false },
  },
});

export const dataRoutes = new aws.ec2.RouteTable("NetworkDataRoutes", { vpcId: vpc.id, tags: tag("data") });
/** Names of the zones, in the order of the subnets. */
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
  // Answers of the internet arrive through the NAT under the addresses they come from.
  { from: [anywhere], to: [range], ports: answers },
]);
accessList("NetworkAccessData", listed("data", dataSubnets), [
  { from: [...privateRanges, ...dataRanges, ...farCode], to: dataRanges, ports: postgres },
  { from: privateRanges, ports: nfs },
  { from: dataRanges, to: [...privateRanges, ...dataRanges, ...farCode], ports: answers },
]);
// A subnet that somebody adds and forgets to put under a list reaches nothing.
new aws.ec2.DefaultNetworkAcl("NetworkAccessDefault", {
  defaultNetworkAclId: vpc.nodes.vpc.defaultNetworkAclId,
  tags: tag("nothing"),
});

const group = (name: string, description: string) =>
  new aws.ec2.SecurityGroup(`Group${name}`, { vpcId: vpc.id, description, tags: tag(description) });

/** One security group per role. Who may speak to whom is the table below, and nowhere else. */
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

/** The port the workspace's container listens on. */
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
  // AWS's own addresses, and whom schools want told: no list of addresses could be kept of either.
  new aws.vpc.SecurityGroupEgressRule(`Out${title(role)}Https`, {
    securityGroupId: groups[role].id,
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
    cidrIpv4: anywhere,
    description: "HTTPS",
  });
}
// The balancer is reached through the edge only, whose addresses AWS keeps in a list of its own.
new aws.vpc.SecurityGroupIngressRule("InBalancerEdge", {
  securityGroupId: groups.balancer.id,
  ipProtocol: "tcp",
  fromPort: 443,
  toPort: 443,
  prefixListId: aws.ec2.getManagedPrefixListOutput({ name: "com.amazonaws.global.cloudfront.origin-facing" }).id,
  description: "CloudFront",
});

/** Where a function of ours runs. */
export const inVpc = { privateSubnets: vpc.privateSubnets, securityGroups: [groups.code.id] };
/** Where a function runs that speaks to the database itself instead of its proxy: migrations and provisioning. */
export const inVpcDirect = { privateSubnets: vpc.privateSubnets, securityGroups: [groups.code.id, groups.migrator.id] };

const ours = {
  effect: "Allow",
  principals: [{ type: "*", identifiers: ["*"] }],
  actions: ["*"],
  resources: ["*"],
  conditions: [{ test: "StringEquals", variable: "aws:PrincipalAccount", values: [account] }],
};
/** An endpoint carries calls of this account's own identities: stolen keys of another cannot take data out through it. */
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
        // Layers of container images and packages of the bastion's system lie in AWS's own buckets and are read by nobody's name.
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

/** The way in for a person: Session Manager only, no port open, no key to lose. Standing stages alone have one. */
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
    // A newer image would replace the machine, and whoever is on it, at every deployment.
    { ignoreChanges: ["ami"] },
  );
}
