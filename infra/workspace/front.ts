import { partition } from "../account.ts";
import { roleOf } from "../containers.ts";
import { groups, vpc, workspacePort } from "../network.ts";
import { router } from "../router.ts";
import { stageOf } from "../stage.ts";
import { buckets, policyWritten } from "../storage.ts";
import { zoneId } from "../zone.ts";
import { name } from "./own.ts";

const stage = stageOf($app.stage);
const host = `workspace.${stage.domain}`;
/** API paths that it serves instead of the API's function. */
const paths = ["/api/v1/imports", "/api/v1/imports/*"];

/** The balancer behind the edge and its two target groups; a deployment fills the unused one. */
export function makeFront() {
  const certificate = new aws.acm.Certificate("WorkspaceCertificate", { domainName: host, validationMethod: "DNS" });
  const option = certificate.domainValidationOptions.apply(([first]) => first);
  const proof = new aws.route53.Record("WorkspaceCertificateProof", {
    zoneId,
    name: option.apply((each) => each?.resourceRecordName ?? ""),
    type: "CNAME",
    ttl: 300,
    records: [option.apply((each) => each?.resourceRecordValue ?? "")],
    allowOverwrite: true,
  });
  const valid = new aws.acm.CertificateValidation("WorkspaceCertificateValid", {
    certificateArn: certificate.arn,
    validationRecordFqdns: [proof.fqdn],
  });
  const balancer = new aws.lb.LoadBalancer(
    "WorkspaceBalancer",
    {
      name: name.slice(0, 32).replace(/-$/, ""),
      loadBalancerType: "application",
      internal: false,
      subnets: vpc.publicSubnets,
      securityGroups: [groups.balancer.id],
      dropInvalidHeaderFields: true,
      desyncMitigationMode: "strictest",
      enableDeletionProtection: stage.removal === "retain",
      // Longer than the slowest answer: an import reads half a gigabyte in one request.
      idleTimeout: 120,
      accessLogs: { enabled: true, bucket: buckets.logs.name, prefix: "workspace" },
    },
    // AWS refuses the balancer until the bucket policy lets it write logs.
    { dependsOn: [policyWritten(buckets.logs, "logs")] },
  );
  new aws.route53.Record("WorkspaceAddress", {
    zoneId,
    name: host,
    type: "A",
    aliases: [{ name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true }],
  });
  const target = (color: string) =>
    new aws.lb.TargetGroup(`Workspace${color}`, {
      vpcId: vpc.id,
      port: workspacePort,
      protocol: "HTTP",
      targetType: "ip",
      deregistrationDelay: 120,
      healthCheck: {
        path: "/health",
        interval: 15,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 3,
        matcher: "200",
      },
    });
  const [blue, green] = [target("Blue"), target("Green")];
  const listener = new aws.lb.Listener("WorkspaceListener", {
    loadBalancerArn: balancer.arn,
    port: 443,
    protocol: "HTTPS",
    sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    certificateArn: valid.certificateArn,
    defaultActions: [
      { type: "fixed-response", fixedResponse: { contentType: "text/plain", statusCode: "404", messageBody: "" } },
    ],
  });
  const rule = new aws.lb.ListenerRule(
    "WorkspaceRule",
    {
      listenerArn: listener.arn,
      priority: 10,
      conditions: [{ pathPattern: { values: paths } }],
      actions: [
        {
          type: "forward",
          forward: {
            targetGroups: [
              { arn: blue.arn, weight: 100 },
              { arn: green.arn, weight: 0 },
            ],
          },
        },
      ],
    },
    // Deployments change the weights.
    { ignoreChanges: ["actions"] },
  );
  const role = roleOf("WorkspaceSwitch", "ecs.amazonaws.com", []);
  const policy = new aws.iam.RolePolicyAttachment("WorkspaceSwitchPolicy", {
    role: role.name,
    policyArn: $interpolate`arn:${partition}:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers`,
  });
  router.route("/api/v1/imports", `https://${host}`);
  return { balancer, blue, green, rule, role, policy };
}
