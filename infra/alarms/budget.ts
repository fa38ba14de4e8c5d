import { asked } from "../asked.ts";
import { stageOf } from "../stage.ts";

/** Alerts when a stage costs more than its budget, before the month ends. */
export function budgetAndAnomalies(topicArn: $util.Input<string>): void {
  const stage = stageOf($app.stage);
  const notice = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    comparisonOperator: "GREATER_THAN",
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    subscriberSnsTopicArns: [topicArn],
  });
  new aws.budgets.Budget("Budget", {
    name: `${$app.name}-${$app.stage}`,
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(stage.budgetUsd),
    limitUnit: "USD",
    // SST tags its resources; an administrator activates the tag for billing once (docs/deploy.md).
    costFilters: [{ name: "TagKeyValue", values: [`user:sst:stage$${$app.stage}`] }],
    notifications: [notice("ACTUAL", 80), notice("FORECASTED", 100), notice("ACTUAL", 100)],
  });
  if (stage.kind !== "production") return;
  // An account can have only one monitor of all services, and Cost Explorer creates it (docs/deploy.md).
  const monitorArn =
    asked("LECTERN_COST_MONITOR") ??
    new aws.costexplorer.AnomalyMonitor("CostAnomalies", {
      name: `${$app.name}-services`,
      monitorType: "DIMENSIONAL",
      monitorDimension: "SERVICE",
    }).arn;
  new aws.costexplorer.AnomalySubscription("CostAnomaliesTold", {
    name: `${$app.name}-anomalies`,
    frequency: "IMMEDIATE",
    monitorArnLists: [monitorArn],
    subscribers: [{ type: "SNS", address: topicArn }],
    thresholdExpression: {
      dimension: { key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE", matchOptions: ["GREATER_THAN_OR_EQUAL"], values: ["50"] },
    },
  });
}
