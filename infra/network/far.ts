import { keysIn } from "../keys.ts";
import { dataRanges, dataRoutes, groups, vpc } from "../network.ts";
import type { FarPlace } from "../places.ts";
import type { WebRegion } from "../stage.ts";
import { accessList, answers, anywhere, https, postgres, tag, writeFlows } from "./access.ts";
import { farRanges } from "./ranges.ts";

// A region with only a page server: its own network, peered so that the code reaches the database proxy and nothing
// else. It calls AWS's services of the home region by public name through a NAT gateway
// (docs/adr/0010-pages-at-the-edge.md explains why not by endpoints).

/** SST's spelling of a region in resource names: "Euwest1". */
const suffixOf = (region: string) => region.charAt(0).toUpperCase() + region.slice(1).replaceAll("-", "");

/** Creates a region's network, keys and peering, and returns where its functions run. */
export function farPlace(region: WebRegion): FarPlace {
  const suffix = suffixOf(region);
  const name = `Network${suffix}`;
  const at = { region };
  const { range, publicRanges, privateRanges } = farRanges(region);
  const keys = keysIn(region, suffix);

  const network = new aws.ec2.Vpc(name, {
    ...at,
    cidrBlock: range,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: tag(region),
  });
  const of = { ...at, vpcId: network.id };
  // Resources without an explicit group get this one, so it must admit nothing.
  new aws.ec2.DefaultSecurityGroup(`${name}Default`, { ...of, ingress: [], egress: [] });
  new aws.ec2.DefaultNetworkAcl(`${name}AccessDefault`, {
    ...at,
    defaultNetworkAclId: network.defaultNetworkAclId,
    tags: tag("nothing"),
  });
  const peering = peer(region, suffix, network.id);

  const zones = aws.getAvailabilityZonesOutput({
    ...at,
    state: "available",
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  }).names;
  const subnet = (tier: string, cidrBlock: string, index: number) =>
    new aws.ec2.Subnet(`${name}${tier}${index + 1}`, {
      ...of,
      cidrBlock,
      availabilityZone: zones.apply((names) => names[index] ?? ""),
      tags: tag(`${tier.toLowerCase()} ${index + 1}`),
    });
  const routes = (title: string, subnetId: $util.Input<string>) => {
    const table = new aws.ec2.RouteTable(`${name}${title}Routes`, { ...of, tags: tag(title.toLowerCase()) });
    new aws.ec2.RouteTableAssociation(`${name}${title}Routed`, { ...at, subnetId, routeTableId: table.id });
    return table;
  };

  const door = new aws.ec2.InternetGateway(`${name}Door`, { ...of, tags: tag(region) });
  const publicSubnets = publicRanges.map((each, index) => subnet("Public", each, index));
  const gateways = publicSubnets.map((each, index) => {
    const table = routes(`Public${index + 1}`, each.id);
    const out = new aws.ec2.Route(`${name}Public${index + 1}Out`, {
      ...at,
      routeTableId: table.id,
      destinationCidrBlock: anywhere,
      gatewayId: door.id,
    });
    const address = new aws.ec2.Eip(`${name}Address${index + 1}`, { ...at, domain: "vpc", tags: tag(region) });
    return new aws.ec2.NatGateway(
      `${name}Nat${index + 1}`,
      { ...at, subnetId: each.id, allocationId: address.id, tags: tag(region) },
      { dependsOn: [out] },
    );
  });
  const privateSubnets = privateRanges.map((each, index) => subnet("Private", each, index));
  for (const [index, { id }] of privateSubnets.entries()) {
    const table = routes(`Private${index + 1}`, id);
    const to = { ...at, routeTableId: table.id };
    new aws.ec2.Route(`${name}Private${index + 1}Out`, {
      ...to,
      destinationCidrBlock: anywhere,
      natGatewayId: gateways[index]?.id ?? "",
    });
    for (const [zone, destinationCidrBlock] of dataRanges.entries())
      new aws.ec2.Route(
        `${name}Private${index + 1}ToData${zone + 1}`,
        { ...to, destinationCidrBlock, vpcPeeringConnectionId: peering.id },
        { dependsOn: [peering.accepted] },
      );
  }

  accessList(`${name}AccessPublic`, { ...of, subnetIds: publicSubnets.map(({ id }) => id), tags: tag("public") }, [
    { from: privateRanges, to: [anywhere], ports: https },
    { from: [anywhere], to: privateRanges, ports: answers },
  ]);
  accessList(`${name}AccessPrivate`, { ...of, subnetIds: privateSubnets.map(({ id }) => id), tags: tag("private") }, [
    { to: [anywhere], ports: https },
    { to: dataRanges, ports: postgres },
    // Return traffic through the NAT keeps its original source address, so the NACL must allow ephemeral ports from
    // anywhere.
    { from: [anywhere], ports: answers },
  ]);
  writeFlows(name, network.id, { region, keys });

  return {
    region,
    suffix,
    keys,
    inVpc: {
      privateSubnets: privateSubnets.map(({ id }) => id),
      securityGroups: [codeGroup(region, suffix, network.id)],
    },
    options: {
      // Same tags as SST's own provider: the school role trusts tagged roles only (school-role.ts).
      provider: new aws.Provider(`Provider${suffix}`, {
        region,
        defaultTags: { tags: { "sst:app": $app.name, "sst:stage": $app.stage } },
      }),
    },
  };
}

/** Peers the network with the stage's; routes lead to the private subnets only. */
function peer(region: WebRegion, suffix: string, peerVpcId: $util.Input<string>) {
  const made = new aws.ec2.VpcPeeringConnection(`Peering${suffix}`, {
    vpcId: vpc.id,
    peerVpcId,
    peerRegion: region,
    tags: tag(region),
  });
  const accepted = new aws.ec2.VpcPeeringConnectionAccepter(`Peering${suffix}Accepted`, {
    region,
    vpcPeeringConnectionId: made.id,
    autoAccept: true,
    tags: tag(region),
  });
  for (const [zone, destinationCidrBlock] of farRanges(region).privateRanges.entries())
    new aws.ec2.Route(
      `NetworkDataTo${suffix}Private${zone + 1}`,
      { routeTableId: dataRoutes.id, destinationCidrBlock, vpcPeeringConnectionId: made.id },
      { dependsOn: [accepted] },
    );
  return { id: made.id, accepted };
}

/** Security groups cannot reference another region's groups, so both sides list addresses. */
function codeGroup(region: WebRegion, suffix: string, vpcId: $util.Input<string>): $util.Output<string> {
  const group = new aws.ec2.SecurityGroup(`GroupCode${suffix}`, {
    region,
    vpcId,
    description: "server of pages",
    tags: tag("server of pages"),
  });
  const ends = (port: number) => ({ ipProtocol: "tcp", fromPort: port, toPort: port });
  for (const [zone, cidrIpv4] of dataRanges.entries())
    new aws.vpc.SecurityGroupEgressRule(`OutCode${suffix}ToProxy${zone + 1}`, {
      ...ends(5432),
      region,
      securityGroupId: group.id,
      cidrIpv4,
      description: "code to proxy",
    });
  new aws.vpc.SecurityGroupEgressRule(`OutCode${suffix}Https`, {
    ...ends(443),
    region,
    securityGroupId: group.id,
    cidrIpv4: anywhere,
    description: "HTTPS",
  });
  for (const [zone, cidrIpv4] of farRanges(region).privateRanges.entries())
    new aws.vpc.SecurityGroupIngressRule(`InCode${suffix}ToProxy${zone + 1}`, {
      ...ends(5432),
      securityGroupId: groups.proxy.id,
      cidrIpv4,
      description: `code in ${region} to proxy`,
    });
  return group.id;
}
