import { alarm, type MadeAlarm, subjectIn } from "./alarms.ts";
import { asked } from "./asked.ts";
import { type Made, makeFunction } from "./functions.ts";
import { type FarPlace, home, type Place } from "./places.ts";
import { stageOf } from "./stage.ts";
import { uses } from "./uses.ts";

const checks = ["apex", "school", "sign-in", "api"] as const;

/**
 * Requests a page of the platform, one of a school, the sign-in and the API every minute through the edge. From another
 * region the edge routes it to the nearest page server.
 */
export function makeCanary(place: Place = home): Made {
  const { suffix, options } = place;
  const canary = makeFunction(
    `Canary${suffix}`,
    {
      handler: "packages/functions/src/ops/canary.handler",
      description: "Walks the site every minute as a visitor",
      timeout: "30 seconds",
      memory: "256 MB",
      network: false,
      environment: { LECTERN_CANARY_SCHOOL: asked("LECTERN_CANARY_SCHOOL") ?? "canary" },
      uses: [uses.platform],
    },
    place,
  );
  const role = new aws.iam.Role(`Canary${suffix}ScheduleRole`, {
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }] },
      ],
    }).json,
  });
  new aws.iam.RolePolicy(`Canary${suffix}SchedulePolicy`, {
    role: role.name,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [{ actions: ["lambda:InvokeFunction"], resources: [canary.live.arn] }],
    }).json,
  });
  new aws.scheduler.Schedule(
    `Canary${suffix}Schedule`,
    {
      scheduleExpression: "rate(1 minute)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: canary.live.arn,
        roleArn: role.arn,
        // The next minute's run reports the failure.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    },
    options,
  );
  return canary;
}

export function watchCanary(far?: FarPlace): MadeAlarm[] {
  const stage = stageOf($app.stage);
  return checks.map((check) =>
    alarm("canary-failing", subjectIn(check, far), {
      ...(far && { region: far.region }),
      namespace: "Lectern",
      metricName: "CanarySuccess",
      dimensions: { stage: $app.stage, check },
      statistic: "Average",
      period: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: stage.kind === "production" ? 2 : 3,
      comparisonOperator: "LessThanThreshold",
      threshold: 100,
      // A silent canary is an alarm.
      treatMissingData: "breaching",
    }),
  );
}
