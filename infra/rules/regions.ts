import type { Graph, GraphResource } from "../synth/graph.ts";
import { statementsOf } from "./policy.ts";
import { at, isDev, ofType, partsOf, type Rule, regionOf } from "./rule.ts";

// Rules for page servers in other regions: their network reaches only the database proxy, their rights cover data at
// home, and their code knows the home region.

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const functions = (graph: Graph) =>
  ofType(graph, "aws:lambda/function:Function").filter(({ name }) =>
    graph.bundles.some((bundle) => name === `${bundle.name}Function`),
  );
const farFunctions = (graph: Graph) => functions(graph).filter((each) => regionOf(graph, each) !== graph.region);
/** The canary calls from outside, as visitors do. */
const needsNoNetwork = /^Canary/;

const byId = (graph: Graph, type: string): ReadonlyMap<string, GraphResource> =>
  new Map(ofType(graph, type).map((each) => [`${each.name}-id`, each]));

function farSubnets(graph: Graph): GraphResource[] {
  const subnets = byId(graph, "aws:ec2/subnet:Subnet");
  const ids = new Set(farFunctions(graph).flatMap((each) => list(at(each, "vpcConfig", "subnetIds"))));
  return [...ids].flatMap((id) => subnets.get(id) ?? []);
}

/** Addresses of code in other regions, the only external ones that the proxy accepts. */
export const farCode = (graph: Graph): string[] => farSubnets(graph).map((each) => String(at(each, "cidrBlock")));

function boundsOf(cidr: string): readonly [number, number] {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}

const routesOf = (graph: Graph, tableId: string) =>
  ofType(graph, "aws:ec2/route:Route").filter((route) => at(route, "routeTableId") === tableId);

const ranges: Rule = {
  name: "regions/ranges",
  why: "Two networks with the same addresses can never be joined, and addresses cannot be changed without a new network.",
  *check(graph) {
    const networks = ofType(graph, "aws:ec2/vpc:Vpc").map((each) => ({
      name: each.name,
      bounds: boundsOf(String(at(each, "cidrBlock"))),
    }));
    for (const [index, one] of networks.entries())
      for (const other of networks.slice(index + 1))
        if (one.bounds[0] <= other.bounds[1] && other.bounds[0] <= one.bounds[1])
          yield { resource: other.name, message: `has addresses of ${one.name}` };
  },
};

const ownNetwork: Rule = {
  name: "regions/network",
  why: "Code in another region needs a network there: private, in two zones, shut by default, and written down.",
  *check(graph) {
    const subnets = byId(graph, "aws:ec2/subnet:Subnet");
    const groups = byId(graph, "aws:ec2/securityGroup:SecurityGroup");
    for (const fn of farFunctions(graph).filter(({ name }) => !needsNoNetwork.test(name))) {
      const region = regionOf(graph, fn);
      const own = list(at(fn, "vpcConfig", "subnetIds")).map((id) => subnets.get(id));
      const groupsOf = list(at(fn, "vpcConfig", "securityGroupIds")).map((id) => groups.get(id));
      const zones = new Set(own.map((each) => each && at(each, "availabilityZone")));
      if (own.length === 0) yield { resource: fn.name, message: `runs in ${region} outside of any network` };
      else if (zones.size < 2) yield { resource: fn.name, message: "runs in one zone" };
      for (const each of [...own, ...groupsOf])
        if (!each || regionOf(graph, each) !== region)
          yield { resource: fn.name, message: `runs in ${region} by a network that is not there` };
    }
    for (const subnet of farSubnets(graph)) {
      const network = at(subnet, "vpcId");
      const region = regionOf(graph, subnet);
      const ways = tableOf(graph, subnet).flatMap((table) => routesOf(graph, `${table.name}-id`));
      const out = ways.filter((route) => at(route, "destinationCidrBlock") === "0.0.0.0/0");
      if (out.length !== 1 || !/Nat\d-id$/.test(String(out[0] && at(out[0], "natGatewayId"))))
        yield { resource: subnet.name, message: "has no way out through a gateway, or another one" };
      const has = (type: string, fits: (each: GraphResource) => boolean) =>
        ofType(graph, type).some((each) => regionOf(graph, each) === region && fits(each));
      const isShut = (each: GraphResource) => [at(each, "ingress") ?? [], at(each, "egress") ?? []].flat().length === 0;
      if (!has("aws:ec2/flowLog:FlowLog", (log) => at(log, "vpcId") === network && at(log, "trafficType") === "ALL"))
        yield { resource: subnet.name, message: "is in a network that writes no flow logs" };
      if (
        !has(
          "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
          (each) => at(each, "vpcId") === network && isShut(each),
        )
      )
        yield { resource: subnet.name, message: "is in a network whose default group is open" };
      const defaultList = String(network).replace(/-id$/, "-acl");
      if (
        !has(
          "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
          (each) => at(each, "defaultNetworkAclId") === defaultList && isShut(each),
        )
      )
        yield { resource: subnet.name, message: "is in a network whose default access list is open" };
    }
  },
};

const tableOf = (graph: Graph, subnet: GraphResource): GraphResource[] => {
  const tables = byId(graph, "aws:ec2/routeTable:RouteTable");
  return ofType(graph, "aws:ec2/routeTableAssociation:RouteTableAssociation")
    .filter((each) => at(each, "subnetId") === `${subnet.name}-id`)
    .flatMap((each) => tables.get(String(at(each, "routeTableId"))) ?? []);
};

const peered: Rule = {
  name: "regions/peering",
  why: "Code in another region reaches the database by peering: accepted there, a way there, a way back, and no wider one.",
  *check(graph) {
    const data = ofType(graph, "aws:ec2/subnet:Subnet").filter(({ name }) => /^NetworkDataSubnet/.test(name));
    const back = routesOf(graph, "NetworkDataRoutes-id");
    for (const route of back)
      if (!farCode(graph).includes(String(at(route, "destinationCidrBlock"))) || !at(route, "vpcPeeringConnectionId"))
        yield { resource: route.name, message: "leads data elsewhere than to our code in another region" };
    for (const subnet of farSubnets(graph)) {
      const region = regionOf(graph, subnet);
      const peering = ofType(graph, "aws:ec2/vpcPeeringConnection:VpcPeeringConnection").find(
        (each) => at(each, "peerVpcId") === at(subnet, "vpcId") && at(each, "peerRegion") === region,
      );
      const id = peering && `${peering.name}-id`;
      const isAccepted = ofType(graph, "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter").some(
        (each) => at(each, "vpcPeeringConnectionId") === id && regionOf(graph, each) === region,
      );
      if (!peering || !isAccepted) {
        yield { resource: subnet.name, message: "is in a network that is not peered with the stage's" };
        continue;
      }
      const through = (routes: readonly GraphResource[], to: unknown) =>
        routes.some((each) => at(each, "destinationCidrBlock") === to && at(each, "vpcPeeringConnectionId") === id);
      const there = tableOf(graph, subnet).flatMap((table) => routesOf(graph, `${table.name}-id`));
      for (const each of data)
        if (!through(there, at(each, "cidrBlock")))
          yield { resource: subnet.name, message: `has no way to ${each.name}` };
      if (!through(back, at(subnet, "cidrBlock")))
        yield { resource: subnet.name, message: "has no way back from data" };
    }
  },
};

/** Services a function calls in its own region; all others, the relay among them, are at home. */
const besideTheCode = new Set(["logs"]);

const rights: Rule = {
  name: "regions/rights",
  why: "Data is at home: a right on the region where the code runs opens nothing there, and what is asked for is refused.",
  *check(graph) {
    for (const fn of farFunctions(graph)) {
      const region = regionOf(graph, fn);
      const role = ofType(graph, "aws:iam/role:Role").find(({ name }) => name === fn.name.replace(/Function$/, "Role"));
      const policies = (role && at(role, "inlinePolicies")) as readonly { policy: string }[] | undefined;
      if (!role || !policies?.length) yield { resource: fn.name, message: "has no role of its own" };
      for (const { effect, resources, conditions } of (policies ?? []).flatMap(({ policy }) => statementsOf(policy))) {
        if (effect !== "Allow") continue;
        // A function uses its environment's key directly, and others only through stores at home.
        const isOwnKey = JSON.stringify(conditions).includes("kms:EncryptionContext:aws:lambda:FunctionArn");
        const via = Object.values(conditions).map((each) => String(each["kms:ViaService"] ?? ""));
        for (const arn of resources) {
          const named = partsOf(arn);
          if (!named) continue;
          const wanted = besideTheCode.has(named.service) || isOwnKey ? region : graph.region;
          if (named.region !== wanted)
            yield { resource: fn.name, message: `has a right on ${arn}, and not in ${wanted}` };
        }
        if (via.some((each) => each !== "" && !each.includes(`.${graph.region}.`)))
          yield { resource: fn.name, message: `may use keys through ${via.join()}, where no data is` };
      }
      if (partsOf(at(fn, "kmsKeyArn"))?.region !== region)
        yield { resource: fn.name, message: "has its environment under a key that is not there" };
    }
  },
};

const home: Rule = {
  name: "regions/home",
  why: "AWS's clients ask the region they run in unless they are told where the data is.",
  *check(graph) {
    if (isDev(graph)) return;
    for (const fn of functions(graph))
      if (at(fn, "environment", "variables", "LECTERN_HOME_REGION") !== graph.region)
        yield { resource: fn.name, message: `is not told that its data is in ${graph.region}` };
  },
};

/**
 * CloudFront's "AllViewerExceptHostHeader": among the managed policies for functions, the one with the visitor's
 * location.
 */
const withPlace = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

const nearest: Rule = {
  name: "regions/nearest",
  why: "The edge sends a visitor to the nearest server only when CloudFront tells it where the visitor is.",
  *check(graph) {
    const isFar = farFunctions(graph).length > 0;
    for (const front of ofType(
      graph,
      "aws:cloudfront/distribution:Distribution",
      "aws:cloudfront/multitenantDistribution:MultitenantDistribution",
    ))
      if (isFar && JSON.stringify(at(front, "defaultCacheBehavior") ?? {}).includes("RouterCloudfrontFunction"))
        if (at(front, "defaultCacheBehavior", "originRequestPolicyId") !== withPlace)
          yield { resource: front.name, message: "does not know where visitors are: all go to the first region" };
  },
};

export const regionRules: readonly Rule[] = [ranges, ownNetwork, peered, rights, home, nearest];
