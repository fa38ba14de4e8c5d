import type { Graph } from "../synth/graph.ts";

// What whoever deploys may do, worked out from what there is to deploy: a service that no stage uses is not in it. Written to
// infra/delivery/rights.json by `npm run rights`; a test fails when a new service is in the graph and not in the file.

/** IAM's word for a service, where the provider calls it otherwise. */
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
/** Written out in `delivery.ts`, because they could be used to gain more rights or to read what is secret. */
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
/** Services whose actions are named by a method. */
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

/** Services that any of the graphs uses, in IAM's words. */
export function servicesOf(graphs: readonly Graph[]): string[] {
  const found = new Set<string>();
  for (const { type } of graphs.flatMap(({ resources }) => resources)) {
    const service = /^aws:(\w+)\//.exec(type)?.[1]?.toLowerCase();
    if (!service) continue;
    for (const name of services[service] ?? [service]) if (!apart.includes(name)) found.add(name);
  }
  return [...found].sort();
}

/** Beyond the verbs: a network in another region is joined to the stage's by both of its ends. */
const besides: Readonly<Record<string, readonly string[]>> = { ec2: ["ec2:AcceptVpcPeeringConnection"] };

/** What each service may be told to do. */
export const actionsOf = (service: string): readonly string[] =>
  byMethod[service] ?? [...verbs.map((verb) => `${service}:${verb}*`), ...(besides[service] ?? [])];
