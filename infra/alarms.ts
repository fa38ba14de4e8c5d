import { type KindName, kinds } from "./alarms/kinds.ts";
import { topics } from "./messaging.ts";

interface Watched {
  readonly comparisonOperator:
    | "GreaterThanThreshold"
    | "GreaterThanOrEqualToThreshold"
    | "LessThanThreshold"
    | "LessThanOrEqualToThreshold";
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  /** What no data means: most metrics are silent when all is well. */
  readonly treatMissingData: "breaching" | "notBreaching" | "missing";
  readonly namespace?: string;
  readonly metricName?: string;
  readonly statistic?: "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount";
  readonly extendedStatistic?: string;
  readonly period?: number;
  readonly dimensions?: Record<string, $util.Input<string>>;
  /** Where its metric is reported, where that is not the stage's own region; the topics are told there too. */
  readonly region?: string;
  readonly metricQueries?: aws.types.input.cloudwatch.MetricAlarmMetricQuery[];
}

export interface MadeAlarm {
  readonly kind: KindName;
  readonly subject: string;
  readonly name: string;
  readonly arn: $util.Output<string>;
  readonly resource: aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm;
}

/** All alarms made here. */
export const allAlarms: MadeAlarm[] = [];

/** An alarm's name, which composites and deployments call it by. */
const nameOf = (kind: KindName, subject: string) => [$app.name, $app.stage, kind, subject].filter(Boolean).join("-");
const pascal = (text: string) =>
  text.replaceAll(/(^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, __, letter) => letter.toUpperCase());

function about(kind: KindName, subject: string) {
  const { hears, means } = kinds[kind];
  const actions = hears === "none" ? [] : [topics[hears].arn];
  return {
    alarmDescription: `${means}${subject && ` (${subject})`} What to do: docs/runbook.md, "${kind}".`,
    alarmActions: actions,
    okActions: actions,
    tags: { kind, subject: subject || "stage" },
  };
}

function keep(kind: KindName, subject: string, resource: MadeAlarm["resource"]): MadeAlarm {
  const made = { kind, subject, name: nameOf(kind, subject), arn: resource.arn, resource };
  allAlarms.push(made);
  return made;
}

/** An alarm of a kind about one subject: a function, a queue, the stage. */
export function alarm(kind: KindName, subject: string, watched: Watched): MadeAlarm {
  const { metricQueries, ...rest } = watched;
  const made = new aws.cloudwatch.MetricAlarm(`Alarm${pascal(kind)}${pascal(subject)}`, {
    name: nameOf(kind, subject),
    ...about(kind, subject),
    ...rest,
    ...(metricQueries && { metricQueries }),
  });
  return keep(kind, subject, made);
}

/** Speaks for several alarms: `rule` as CloudWatch reads it, made of `raised(...)`. */
export function composite(kind: KindName, subject: string, rule: string, of: readonly MadeAlarm[]): MadeAlarm {
  const made = new aws.cloudwatch.CompositeAlarm(
    `Alarm${pascal(kind)}${pascal(subject)}`,
    { alarmName: nameOf(kind, subject), alarmRule: rule, ...about(kind, subject) },
    // It names them, which Pulumi does not see.
    { dependsOn: of.map(({ resource }) => resource) },
  );
  return keep(kind, subject, made);
}

export const raised = (...alarms: readonly MadeAlarm[]): string =>
  alarms.map(({ name }) => `ALARM("${name}")`).join(" OR ");
