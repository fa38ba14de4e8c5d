import { type KindName, kinds } from "./alarms/kinds.ts";
import { topicsIn } from "./messaging.ts";
import type { FarPlace } from "./places.ts";

interface Watched {
  readonly comparisonOperator:
    | "GreaterThanThreshold"
    | "GreaterThanOrEqualToThreshold"
    | "LessThanThreshold"
    | "LessThanOrEqualToThreshold";
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  /** Most metrics report nothing while all is well. */
  readonly treatMissingData: "breaching" | "notBreaching" | "missing";
  readonly namespace?: string;
  readonly metricName?: string;
  readonly statistic?: "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount";
  readonly extendedStatistic?: string;
  readonly period?: number;
  readonly dimensions?: Record<string, $util.Input<string>>;
  /** The metric's region when it is not the stage's own. The alarm notifies the topics there. */
  readonly region?: string;
  readonly metricQueries?: aws.types.input.cloudwatch.MetricAlarmMetricQuery[];
}

export interface MadeAlarm {
  readonly kind: KindName;
  readonly subject: string;
  readonly name: string;
  readonly arn: $util.Output<string>;
  readonly region: string | undefined;
  readonly resource: aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm;
}

export const allAlarms: MadeAlarm[] = [];

const nameOf = (kind: KindName, subject: string) => [$app.name, $app.stage, kind, subject].filter(Boolean).join("-");
const pascal = (text: string) =>
  text.replaceAll(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, __, letter) => letter.toUpperCase());

/** Names a subject in another region: `lesson-Euwest1`. */
export const subjectIn = (subject: string, far: Pick<FarPlace, "suffix"> | undefined): string =>
  [subject, far?.suffix].filter(Boolean).join("-");

function about(kind: KindName, subject: string, region?: string) {
  const { hears, means } = kinds[kind];
  const actions = hears === "none" ? [] : [topicsIn(region)[hears].arn];
  return {
    alarmDescription: `${means}${subject && ` (${subject})`} What to do: docs/runbook.md, "${kind}".`,
    alarmActions: actions,
    okActions: actions,
    tags: { kind, subject: subject || "stage" },
  };
}

function keep(kind: KindName, subject: string, region: string | undefined, resource: MadeAlarm["resource"]): MadeAlarm {
  const made = { kind, subject, name: nameOf(kind, subject), arn: resource.arn, region, resource };
  allAlarms.push(made);
  return made;
}

export function alarm(kind: KindName, subject: string, watched: Watched): MadeAlarm {
  const { metricQueries, ...rest } = watched;
  const made = new aws.cloudwatch.MetricAlarm(`Alarm${pascal(kind)}${pascal(subject)}`, {
    name: nameOf(kind, subject),
    ...about(kind, subject, watched.region),
    ...rest,
    ...(metricQueries && { metricQueries }),
  });
  return keep(kind, subject, watched.region, made);
}

/**
 * Combines alarms of one region; a composite cannot read other regions. `rule` is CloudWatch's syntax, made of
 * `raised(...)`.
 */
export function composite(
  kind: KindName,
  subject: string,
  rule: string,
  of: readonly MadeAlarm[],
  region?: string,
): MadeAlarm {
  const made = new aws.cloudwatch.CompositeAlarm(
    `Alarm${pascal(kind)}${pascal(subject)}`,
    {
      ...(region && { region }),
      alarmName: nameOf(kind, subject),
      alarmRule: rule,
      ...about(kind, subject, region),
    },
    { dependsOn: of.map(({ resource }) => resource) },
  );
  return keep(kind, subject, region, made);
}

export const raised = (...alarms: readonly MadeAlarm[]): string =>
  alarms.map(({ name }) => `ALARM("${name}")`).join(" OR ");
