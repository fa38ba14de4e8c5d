import type { Graph } from "../synth/graph.ts";

// Derives the deployment role's actions from the graphs: services that no stage uses are left out. `npm run rights`
// writes infra/delivery/rights.json; a test fails when a graph uses a service that the file lacks.

/** IAM's prefix for services that the provider names differently. */
const services: Readonly<Record<string, readonly string[]>> = {
  alb: ["elasticloadbalancing"],
  apigatewayv2: ["apigateway"],
  appautoscaling: ["application-autoscaling"],
  backup: ["backup", "backup-storage"],
  budgets: ["budgets"],
  cloudwatch: ["cloudwatch", "events", "logs"],
  codestarconnections: ["codestar-connections"],
  costexplorer: ["ce"],
  dax: ["dax"],
  ec2: ["ec2"],
  efs: ["elasticfilesystem"],
  kinesis: ["firehose"],
  lb: ["elasticloadbalancing"],
  rds: ["rds"],
  s3: ["s3"],
  ses: ["ses"],
  sesv2: ["ses"],
  vpc: ["ec2"],
};
/** Written out in `delivery.ts`, because they could escalate rights or read secrets. */
const apart = ["iam", "kms", "secretsmanager"];

const verbs = [
  ...[
    "Add",
    "Allocate",
    "Associate",
    "Attach",
    "Authorize",
    "Copy",
    "Create",
    "Delete",
    "Deregister",
    "Describe",
    "Detach",
  ],
  ...["Disable", "Disassociate", "Enable", "Get", "List", "Modify", "Publish", "Put", "Register", "Release", "Remove"],
  ...["Replace", "Request", "Reset", "Revoke", "Run", "Set", "Start", "Stop", "Subscribe", "Tag", "Terminate"],
  ...["Unsubscribe", "Untag", "Update", "Verify"],
];
/** Services whose actions are HTTP methods. */
const byMethod: Readonly<Record<string, readonly string[]>> = {
  apigateway: ["apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"],
  ce: [
    "ce:CreateAnomalyMonitor",
    "ce:CreateAnomalySubscription",
    "ce:DeleteAnomalyMonitor",
    "ce:DeleteAnomalySubscription",
    "ce:GetAnomalyMonitors",
    "ce:GetAnomalySubscriptions",
    "ce:ListTagsForResource",
    "ce:TagResource",
    "ce:UpdateAnomalyMonitor",
    "ce:UpdateAnomalySubscription",
  ],
  budgets: [
    "budgets:ModifyBudget",
    "budgets:ViewBudget",
    "budgets:TagResource",
    "budgets:UntagResource",
    "budgets:ListTagsForResource",
  ],
};

export function servicesOf(graphs: readonly Graph[]): string[] {
  const found = new Set<string>();
  for (const { type } of graphs.flatMap(({ resources }) => resources)) {
    const service = /^aws:(\w+)\//.exec(type)?.[1]?.toLowerCase();
    if (!service) continue;
    for (const name of services[service] ?? [service]) if (!apart.includes(name)) found.add(name);
  }
  return [...found].sort();
}

/** Actions outside the verbs: peering needs both networks' regions. */
const besides: Readonly<Record<string, readonly string[]>> = { ec2: ["ec2:AcceptVpcPeeringConnection"] };

export const actionsOf = (service: string): readonly string[] =>
  byMethod[service] ?? [...verbs.map((verb) => `${service}:${verb}*`), ...(besides[service] ?? [])];
