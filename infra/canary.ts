import { alarm, type MadeAlarm, subjectIn } from "./alarms.ts";
import { asked } from "./asked.ts";
import { type Made, makeFunction } from "./functions.ts";
import { type FarPlace, home, type Place } from "./places.ts";
import { stageOf } from "./stage.ts";
import { uses } from "./uses.ts";

/** What is walked every minute; the function knows the same names. */
const checks = ["apex", "school", "sign-in", "api"] as const;

/**
 * Comes from outside, as people do: every minute through the edge to a page of the platform, one of a school, its sign-in, and
 * the API. From another region it meets the pages' server there, which is the nearest to it.
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
        // A minute that was missed is told by the next one.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    },
    options,
  );
  return canary;
}

/** An alarm for each of its checks. */
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
      // A canary that does not sing is the alarm.
      treatMissingData: "breaching",
    }),
  );
}
