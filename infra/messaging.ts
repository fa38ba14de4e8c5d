import { type ReactionEntry, type ReactionName, reactionList } from "../packages/functions/src/event/reactions.list.ts";
import { workQueue } from "../packages/functions/src/work/queue.list.ts";
import { account, partition, region } from "./account.ts";
import { type AskedName, asked } from "./asked.ts";
import { narrowed, resource, type Use } from "./functions.ts";
import { keys } from "./keys.ts";
import { type FarPlace, farPlaces, home } from "./places.ts";
import { stageOf } from "./stage.ts";
import { keyThrough } from "./uses.ts";
import { dns } from "./zone.ts";

// The bus and its archive, a queue with dead letters per reaction, mail and text messages, and operators' topics.
const stage = stageOf($app.stage);
const prefix = `${$app.name}-${$app.stage}`;
const day = 24 * 60 * 60;

export const bus = new aws.cloudwatch.EventBus("EventBus", {
  name: prefix,
  description: `Lectern ${$app.stage}: what happened, as ids only`,
  kmsKeyIdentifier: keys.messaging.arn,
});
/** For replays after a reaction was fixed; reactions deduplicate. */
new aws.cloudwatch.EventArchive("EventArchive", {
  name: prefix,
  eventSourceArn: bus.arn,
  retentionDays: stage.standing ? 30 : 3,
  kmsKeyIdentifier: keys.messaging.arn,
});

/** EventBridge retries for a day, then uses the dead-letter queue. */
const retryPolicy = { maximumEventAgeInSeconds: day, maximumRetryAttempts: 185 };

export interface QueuePair {
  readonly queue: aws.sqs.Queue;
  readonly dlq: aws.sqs.Queue;
  /** Seconds that the consumer may take. */
  readonly timeoutSeconds: number;
}

const pascal = (text: string) => text.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

/** A dead-letter queue with the longest retention; an alarm fires at the first message. */
export function deadLetters(name: string, resourceName: string): aws.sqs.Queue {
  return new aws.sqs.Queue(resourceName, {
    name: `${prefix}-${name}-dead`,
    messageRetentionSeconds: 14 * day,
    kmsMasterKeyId: keys.messaging.arn,
  });
}

/** Requires TLS and lets only these EventBridge rules send. */
export function admit(resourceName: string, queue: aws.sqs.Queue, ruleArns: readonly $util.Input<string>[]): void {
  const rules = ruleArns.length > 0;
  new aws.sqs.QueuePolicy(resourceName, {
    queueUrl: queue.url,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sqs:*"],
          resources: [queue.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        ...(rules
          ? [
              {
                sid: "Rules",
                effect: "Allow",
                principals: [{ type: "Service", identifiers: ["events.amazonaws.com"] }],
                actions: ["sqs:SendMessage"],
                resources: [queue.arn],
                conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [...ruleArns] }],
              },
            ]
          : []),
      ],
    }).json,
  });
}

/** For a reaction that sends a few mails or writes a few rows. */
const defaultTimeout = 30;
/** A visit may read all files of a school. */
const workTimeout = 300;

const sender = `no-reply@${stage.domain}`;
const configSet = prefix;
/** Mail of this stage's domain. SES publishes outcomes on the account's default bus, which all stages share. */
new sst.aws.Email("Mail", {
  sender: stage.domain,
  dns,
  // DMARC: receivers quarantine mail that we did not sign.
  dmarc: `v=DMARC1; p=quarantine; adkim=s; rua=mailto:dmarc@${stage.domain};`,
  mailFrom: { domain: `mail.${stage.domain}` },
  events: [
    {
      name: "bus",
      types: ["send", "delivery", "bounce", "complaint", "reject"],
      bus: $interpolate`arn:${partition}:events:${region}:${account}:event-bus/default`,
    },
  ],
  transform: {
    configurationSet: {
      configurationSetName: configSet,
      deliveryOptions: { tlsPolicy: "REQUIRE" },
      reputationOptions: { reputationMetricsEnabled: true },
      // SES suppresses addresses that bounced or complained, whatever the code sends.
      suppressionOptions: { suppressedReasons: ["BOUNCE", "COMPLAINT"] },
    },
  },
});

function queuePair(name: string, timeoutSeconds: number): QueuePair {
  const title = pascal(name);
  const dlq = deadLetters(name, `Dead${title}`);
  const queue = new aws.sqs.Queue(`Queue${title}`, {
    name: `${prefix}-${name}`,
    visibilityTimeoutSeconds: 6 * timeoutSeconds,
    messageRetentionSeconds: 4 * day,
    kmsMasterKeyId: keys.messaging.arn,
    // Reactions retry after 2, 8, 32, 128 and then 300 seconds, about half an hour in total.
    redrivePolicy: $util.jsonStringify({ deadLetterTargetArn: dlq.arn, maxReceiveCount: 10 }),
  });
  return { queue, dlq, timeoutSeconds };
}

function connect({ name, bus: of, timeoutSeconds = defaultTimeout, ...entry }: ReactionEntry): QueuePair {
  const title = pascal(name);
  const pair = queuePair(name, timeoutSeconds);
  const { queue, dlq } = pair;
  const eventBusName = of === "lectern" ? bus.name : "default";
  const rule = new aws.cloudwatch.EventRule(`Rule${title}`, {
    name: `${prefix}-${name}`,
    description: `${entry.on.join(", ")} -> ${name}`.slice(0, 512),
    eventBusName,
    eventPattern: JSON.stringify({
      ...(entry.source && { source: [entry.source] }),
      "detail-type": entry.on,
      // Other stages of the account send mail too.
      ...(entry.source === "aws.ses" && { detail: { mail: { tags: { "ses:configuration-set": [configSet] } } } }),
    }),
  });
  new aws.cloudwatch.EventTarget(`Target${title}`, {
    rule: rule.name,
    eventBusName,
    targetId: "queue",
    arn: queue.arn,
    retryPolicy,
    deadLetterConfig: { arn: dlq.arn },
  });
  admit(`Queue${title}Policy`, queue, [rule.arn]);
  admit(`Dead${title}Policy`, dlq, [rule.arn]);
  return pair;
}

/** Work in schools: the dispatcher fills it, no rule does. */
function connectWork(): QueuePair {
  const pair = queuePair(workQueue, workTimeout);
  admit("QueueSchoolWorkPolicy", pair.queue, []);
  admit("DeadSchoolWorkPolicy", pair.dlq, []);
  return pair;
}

type QueueName = ReactionName | typeof workQueue;

/** Each queue and its dead letters: one per reaction, and one for work in schools. */
export const queues = Object.fromEntries([
  ...reactionList.map((entry) => [entry.name, connect(entry)]),
  [workQueue, connectWork()],
]) as Record<QueueName, QueuePair>;

export const allDeadLetters: { readonly name: string; readonly queue: aws.sqs.Queue }[] = Object.entries(queues).map(
  ([name, { dlq }]) => ({ name, queue: dlq }),
);

const topicNames = {
  errors: "kinds of error that were never seen before",
  performance: "routes that became slow, deliveries, costs",
  critical: "what somebody is woken for",
};
export type TopicName = keyof typeof topicNames;

/** Address variables of topics with their own receivers. */
const told = {
  errors: "LECTERN_ALERTS_ERRORS",
  performance: "LECTERN_ALERTS_PERFORMANCE",
  critical: "LECTERN_ALERTS_CRITICAL",
} as const satisfies Record<TopicName, AskedName>;

function topic(name: TopicName, far?: FarPlace): aws.sns.Topic {
  const title = `Topic${pascal(name)}${far?.suffix ?? ""}`;
  const at = far && { region: far.region };
  const made = new aws.sns.Topic(title, {
    ...at,
    name: `${prefix}-${name}`,
    displayName: `Lectern ${$app.stage}: ${topicNames[name]}`.slice(0, 100),
    kmsMasterKeyId: (far ?? home).keys.messaging.arn,
  });
  new aws.sns.TopicPolicy(`${title}Policy`, {
    ...at,
    arn: made.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "OurOwnServices",
          effect: "Allow",
          principals: [
            {
              type: "Service",
              identifiers: [
                "events.amazonaws.com",
                "cloudwatch.amazonaws.com",
                "budgets.amazonaws.com",
                "costalerts.amazonaws.com",
                "backup.amazonaws.com",
              ],
            },
          ],
          actions: ["sns:Publish"],
          resources: [made.arn],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [account] }],
        },
        {
          sid: "TlsOnly",
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sns:Publish"],
          resources: [made.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
      ],
    }).json,
  });
  // Receivers confirm a subscription once (docs/deploy.md).
  const address = asked(told[name]) ?? asked("LECTERN_ALERTS");
  if (address)
    new aws.sns.TopicSubscription(`${title}Mail`, {
      ...at,
      topic: made.arn,
      protocol: "email",
      endpoint: address,
    });
  return made;
}

/** Topics by severity: only `critical` uses a channel that wakes people. */
export const topics = {
  errors: topic("errors"),
  performance: topic("performance"),
  critical: topic("critical"),
} satisfies Record<TopicName, aws.sns.Topic>;

/** Alarms notify only topics of their own region, so each far region has topics with the same receivers. */
const farTopics = new Map(
  farPlaces.map((far) => [
    far.region,
    { errors: topic("errors", far), performance: topic("performance", far), critical: topic("critical", far) },
  ]),
);
export const topicsIn = (region: string | undefined): typeof topics => farTopics.get(region ?? "") ?? topics;

const untold = deadLetters("untold", "DeadUntold");
allDeadLetters.push({ name: "untold", queue: untold });

/** Forwards an event of the platform's bus to a topic. */
function tell(name: TopicName, on: string, detail?: Record<string, unknown>): $util.Output<string> {
  const title = `Tell${pascal(name)}`;
  const rule = new aws.cloudwatch.EventRule(`Rule${title}`, {
    name: `${prefix}-tell-${name}`,
    description: `${on} -> ${name}`,
    eventBusName: bus.name,
    eventPattern: JSON.stringify({ "detail-type": [on], ...(detail && { detail }) }),
  });
  new aws.cloudwatch.EventTarget(`Target${title}`, {
    rule: rule.name,
    eventBusName: bus.name,
    targetId: "topic",
    arn: topics[name].arn,
    retryPolicy,
    deadLetterConfig: { arn: untold.arn },
  });
  return rule.arn;
}
admit("DeadUntoldPolicy", untold, [
  tell("errors", "error.group_opened"),
  tell("critical", "error.group_opened", { data: { severity: ["critical"] } }),
  tell("performance", "performance.regressed"),
]);

if (stage.kind === "production") {
  // Account-wide: text messages are transactional and stop at a monthly limit.
  new aws.sns.SmsPreferences("TextMessages", {
    defaultSmsType: "Transactional",
    monthlySpendLimit: Number(asked("LECTERN_SMS_USD") ?? 1),
  });
}

const links = {
  bus: resource("Bus", { name: bus.name, arn: bus.arn }),
  email: resource("Email", { sender, configSet }),
};
const reactionNames = reactionList.map(({ name }) => name);
const queuesLink = resource("Queues", { urls: urlsOf([...reactionNames, workQueue]) });

function urlsOf(names: readonly QueueName[]): Record<string, $util.Output<string>> {
  return Object.fromEntries(names.map((name) => [name, queues[name].queue.url]));
}
const arnsOf = (names: readonly QueueName[]) => names.map((name) => queues[name].queue.arn);
const knowing = (names: readonly QueueName[]) => [narrowed(queuesLink, { urls: urlsOf(names) })];
const messageKey = keyThrough(keys.messaging, "sqs");
const sendingKey = keyThrough(keys.messaging, "sqs", "kms:Decrypt", "kms:GenerateDataKey");

/** A function reads its own queue, and postpones messages. */
export const reads = (name: QueueName): Use => ({
  links: knowing([name]),
  permissions: [
    {
      actions: ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
      resources: arnsOf([name]),
    },
    messageKey,
  ],
});

/** Sends mail and reads SES's delivery status. */
export const mails: Use = {
  links: [links.email, ...knowing(["mail-feedback"])],
  permissions: [
    {
      actions: ["ses:SendEmail"],
      resources: [
        $interpolate`arn:${partition}:ses:${region}:${account}:identity/${stage.domain}`,
        $interpolate`arn:${partition}:ses:${region}:${account}:configuration-set/${configSet}`,
      ],
      conditions: [{ test: "StringEquals", variable: "ses:FromAddress", values: [sender] }],
    },
    { actions: ["sqs:GetQueueAttributes"], resources: arnsOf(["mail-feedback"]) },
  ],
};

export const publishes: Use = {
  links: [links.bus],
  permissions: [{ actions: ["events:PutEvents"], resources: [bus.arn] }],
};

/** Returns parked events to any reaction's queue. */
export const feeds: Use = {
  links: knowing(reactionNames),
  permissions: [{ actions: ["sqs:SendMessage"], resources: arnsOf(reactionNames) }, sendingKey],
};

/** Hands out work in schools. */
export const handsOut: Use = {
  links: knowing([workQueue]),
  permissions: [{ actions: ["sqs:SendMessage"], resources: arnsOf([workQueue]) }, sendingKey],
};

/** Health-checks every service. */
export const asksAll: Use = {
  links: [links.bus, ...knowing(["mail-feedback"])],
  permissions: [
    { actions: ["events:DescribeEventBus"], resources: [bus.arn] },
    { actions: ["sqs:GetQueueAttributes"], resources: arnsOf(["mail-feedback"]) },
    // The action is account-wide.
    { actions: ["ses:GetAccount"], resources: ["*"] },
  ],
};
