import type { Graph, GraphResource } from "../synth/graph.ts";
import { farCode } from "./regions.ts";
import { at, isDev, isStanding, ofType, type Rule, regionOf } from "./rule.ts";

const world = ["0.0.0.0/0", "::/0"];
const ingressType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const egressType = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

/** Permitted connections by group name: `from -> to: port`. The edge reaches the balancer through a prefix list. */
const spoken = (graph: Graph): string[] =>
  ofType(graph, ingressType).map((rule) => {
    const name = (id: unknown) => String(id).replace(/^Group|-id$/g, "");
    const from = at(rule, "referencedSecurityGroupId") ?? at(rule, "prefixListId") ?? at(rule, "cidrIpv4");
    const ports = [at(rule, "fromPort"), at(rule, "toPort")];
    return `${name(from)} -> ${name(at(rule, "securityGroupId"))}: ${ports[0] === ports[1] ? ports[0] : ports.join("-")}`;
  });

const toData = {
  standing: [
    "Proxy -> Database: 5432",
    "Migrator -> Database: 5432",
    "Bastion -> Database: 5432",
    "Code -> Proxy: 5432",
  ],
  small: ["Code -> Database: 5432", "Migrator -> Database: 5432"],
};

const inline = (group: GraphResource): unknown[] => [at(group, "ingress")].flat().filter((each) => each !== undefined);
const cidrsOf = (rule: unknown): string[] =>
  ["cidrBlocks", "ipv6CidrBlocks"].flatMap((key) => [Reflect.get(Object(rule), key) ?? []].flat().map(String));

export const networkRules: readonly Rule[] = [
  {
    name: "nothing-public",
    why: "Only the edge and the load balancer's port may be reached from outside; everything else is found through them.",
    *check(graph) {
      for (const rule of ofType(graph, ingressType))
        if (world.includes(String(at(rule, "cidrIpv4") ?? at(rule, "cidrIpv6"))))
          yield { resource: rule.name, message: "admits the whole internet" };
      for (const group of ofType(
        graph,
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
      ))
        if (inline(group).some((rule) => cidrsOf(rule).some((cidr) => world.includes(cidr))))
          yield { resource: group.name, message: "admits the whole internet" };
      for (const instance of ofType(graph, "aws:rds/clusterInstance:ClusterInstance"))
        if (at(instance, "publiclyAccessible") !== false)
          yield { resource: instance.name, message: "may have a public address" };
      for (const subnet of ofType(graph, "aws:ec2/subnet:Subnet"))
        if (at(subnet, "mapPublicIpOnLaunch") === true)
          yield { resource: subnet.name, message: "gives everything in it a public address" };
      for (const balancer of ofType(graph, "aws:lb/loadBalancer:LoadBalancer"))
        for (const listener of ofType(graph, "aws:lb/listener:Listener"))
          if (at(balancer, "internal") !== true && at(listener, "port") !== 443)
            yield { resource: listener.name, message: `listens on port ${String(at(listener, "port"))}` };
    },
  },
  {
    name: "default-group-shut",
    why: "A forgotten argument falls back to the network's default group: it must open nothing.",
    *check(graph) {
      const groups = ofType(graph, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
      if (groups.length === 0) yield { resource: graph.stage, message: "leaves the default group as AWS makes it" };
      for (const group of groups)
        if (inline(group).length > 0 || [at(group, "egress") ?? []].flat().length > 0)
          yield { resource: group.name, message: "opens something" };
      const fallen = JSON.stringify(graph.resources.filter(({ type }) => /lambda\/function|rds|ecs|efs/.test(type)));
      if (fallen.includes("-default-sg")) yield { resource: graph.stage, message: "something is in the default group" };
    },
  },
  {
    name: "data-reached-by-few",
    why: "The database is reached by its proxy, the migrations and the bastion; the proxy by our code.",
    *check(graph) {
      const far = farCode(graph).map((cidr) => `${cidr} -> Proxy: 5432`);
      const wanted = [...(isStanding(graph) ? toData.standing : toData.small), ...far];
      const found = spoken(graph).filter((each) => /-> (Database|Proxy):/.test(each));
      for (const each of found)
        if (!wanted.includes(each)) yield { resource: "Groups", message: `${each} is nobody's business` };
      for (const each of wanted) if (!found.includes(each)) yield { resource: "Groups", message: `${each} is missing` };
      for (const rule of ofType(graph, egressType))
        if (/Group(Database|Proxy)-id/.test(String(at(rule, "securityGroupId"))) && at(rule, "cidrIpv4") !== undefined)
          yield { resource: rule.name, message: "lets data out to addresses" };
    },
  },
  {
    name: "tiers-listed",
    why: "Every subnet is under the access list of its tier, which names ports one by one; data has no way to the internet.",
    *check(graph) {
      const lists = ofType(graph, "aws:ec2/networkAcl:NetworkAcl");
      const under = lists.flatMap((list) => [at(list, "subnetIds")].flat().map(String));
      const all = ofType(graph, "aws:ec2/subnet:Subnet").filter(
        ({ name }) => name.startsWith("Network") && !name.includes("There"),
      );
      const subnets = all.filter((subnet) => regionOf(graph, subnet) === graph.region);
      const zones = new Set(subnets.map((subnet) => at(subnet, "availabilityZone")));
      if (subnets.length !== 9 || zones.size !== 3)
        yield { resource: graph.stage, message: `${subnets.length} subnets in ${zones.size} zones, not 9 in 3` };
      for (const { name } of all)
        if (under.filter((id) => id === `${name}-id`).length !== 1)
          yield { resource: name, message: "is not under exactly one access list" };
      for (const list of lists)
        for (const rule of [at(list, "ingress"), at(list, "egress")].flat()) {
          const { protocol, cidrBlock, fromPort } = Object(rule);
          if (protocol !== "tcp" || !(Number(fromPort) > 0))
            yield { resource: list.name, message: "allows every protocol or port" };
          if (!/Data/.test(list.name)) continue;
          if (world.includes(String(cidrBlock)))
            yield { resource: list.name, message: "lets data speak to the internet" };
          // Only code in other regions may connect from outside the stage's network.
          else if (!String(cidrBlock).startsWith("10.0.") && !farCode(graph).includes(String(cidrBlock)))
            yield { resource: list.name, message: `lets data speak to ${cidrBlock}, where no code of ours runs` };
        }
      for (const table of ofType(graph, "aws:ec2/routeTable:RouteTable"))
        if (/DataRoutes/.test(table.name) && [at(table, "routes") ?? []].flat().length > 0)
          yield { resource: table.name, message: "has a way out" };
    },
  },
  {
    name: "private-ways",
    why: "AWS's own services are reached without leaving the network where that is paid for by the month anyway.",
    *check(graph) {
      const endpoints = ofType(graph, "aws:ec2/vpcEndpoint:VpcEndpoint");
      const services = (type: string) =>
        endpoints
          .filter((each) => at(each, "vpcEndpointType") === type)
          .map((each) => String(at(each, "serviceName")).split(".").at(-1))
          .sort();
      const interfaces = isStanding(graph) ? ["events", "kms", "logs", "secretsmanager", "sqs", "sts"] : [];
      if (services("Gateway").join() !== "dynamodb,s3")
        yield { resource: graph.stage, message: `gateways: ${services("Gateway").join()}` };
      if (services("Interface").join() !== interfaces.join())
        yield { resource: graph.stage, message: `interfaces: ${services("Interface").join()}` };
      for (const each of endpoints)
        if (!String(at(each, "policy")).includes("aws:PrincipalAccount"))
          yield { resource: each.name, message: "carries calls of other accounts" };
    },
  },
  {
    name: "flows-written",
    why: "After a break-in the first question is who spoke to whom.",
    *check(graph) {
      if (!ofType(graph, "aws:ec2/flowLog:FlowLog").some((log) => at(log, "trafficType") === "ALL"))
        yield { resource: graph.stage, message: "writes no flow logs" };
    },
  },
  {
    name: "nothing-standing",
    why: "A stage for one person or one pull request has nothing that costs by the month.",
    *check(graph) {
      if (isStanding(graph)) return;
      for (const { type, name } of ofType(
        graph,
        "aws:rds/proxy:Proxy",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:ec2/natGateway:NatGateway",
      ))
        yield { resource: name, message: `is a ${type} on a small stage` };
      for (const { name } of ofType(graph, "aws:ec2/instance:Instance"))
        if (name === "Bastion") yield { resource: name, message: "is a bastion on a small stage" };
    },
  },
  {
    name: "bastion-by-session",
    why: "The way in for people has no open port and no key: Session Manager knows who they are and writes it down.",
    *check(graph) {
      if (!isStanding(graph) || isDev(graph)) return;
      const bastion = ofType(graph, "aws:ec2/instance:Instance").find(({ name }) => name === "Bastion");
      if (!bastion) return yield { resource: graph.stage, message: "has no bastion" };
      if (at(bastion, "keyName") !== undefined) yield { resource: bastion.name, message: "has a key" };
      if (at(bastion, "metadataOptions", "httpTokens") !== "required")
        yield { resource: bastion.name, message: "gives its role to whoever asks without a token" };
      if (at(bastion, "rootBlockDevice", "encrypted") !== true)
        yield { resource: bastion.name, message: "has an open disk" };
      for (const each of spoken(graph)) if (/-> Bastion:/.test(each)) yield { resource: bastion.name, message: each };
    },
  },
];
