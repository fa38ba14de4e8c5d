import { asked } from "../asked.ts";
import { stageOf } from "../stage.ts";

/** Says when a stage costs more than it should, before the month is over. */
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
    // SST tags what it makes; the tag is switched on for billing once (docs/deploy.md).
    costFilters: [{ name: "TagKeyValue", values: [`user:sst:stage$${$app.stage}`] }],
    notifications: [notice("ACTUAL", 80), notice("FORECASTED", 100), notice("ACTUAL", 100)],
  });
  // Anomalies are of the account, whatever the stage: production speaks for all.
  if (stage.kind !== "production") return;
  // An account has one monitor of all services, and whoever has opened Cost Explorer has it already (docs/deploy.md).
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
