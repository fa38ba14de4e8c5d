import { AwsJsonError, awsJson } from "../util/aws-json.ts";
import { isRecord } from "../util/files.ts";
import { messageOf } from "../util/part.ts";
import type { Delivery, EventStore, Target } from "./store.ts";

/** A function target, called with the event AWS would send; a rejected promise is a failed delivery. */
export type FunctionTarget = (event: unknown) => Promise<unknown>;

export interface DeliveryOptions {
  store: EventStore;
  sqsEndpoint: string;
  /** Function targets by ARN. */
  functions: ReadonlyMap<string, FunctionTarget>;
  log: (line: string) => void;
}

const atOnce = 50;
const batchSize = 10;
const defaultRetries = 185;
const defaultAgeSeconds = 86_400;
const firstRetryMs = 500;
const longestRetryMs = 60_000;

class Undeliverable extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** True when a retry cannot help because the target does not exist. */
    readonly final: boolean,
  ) {
    super(message);
  }
}

/** Delivers stored events, retries by each target's policy, and sends exhausted ones to the DLQ. */
export class Deliverer {
  readonly #options: DeliveryOptions;
  readonly #busy = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Starts delivering what is due; returns at once. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    this.#running = this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#stopped) return;
      if (this.#again) {
        this.#again = false;
        this.wake();
        return;
      }
      const next = this.#options.store.nextAt();
      if (next === undefined) return;
      this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(next - Date.now(), 5), longestRetryMs));
      this.#timer.unref();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (!this.#stopped) {
      const due = this.#options.store.due(atOnce, this.#busy);
      if (due.length === 0) return;
      const byDestination = Map.groupBy(due, (delivery) => (delivery.failure ? "" : delivery.target.Arn));
      for (const delivery of due) this.#busy.add(delivery.id);
      try {
        await Promise.all([...byDestination].map(([arn, group]) => this.#deliver(arn, group)));
      } finally {
        for (const delivery of due) this.#busy.delete(delivery.id);
      }
    }
  }

  async #deliver(arn: string, group: Delivery[]): Promise<void> {
    if (arn.startsWith("arn:aws:sqs:")) {
      for (let at = 0; at < group.length; at += batchSize) await this.#toQueue(arn, group.slice(at, at + batchSize));
      return;
    }
    for (const delivery of group) {
      if (delivery.failure) await this.#toDeadLetters(delivery, delivery.failure);
      else await this.#toFunction(arn, delivery);
    }
  }

  async #toQueue(arn: string, batch: Delivery[]): Promise<void> {
    try {
      const { Failed } = await awsJson(this.#options.sqsEndpoint, "AmazonSQS.SendMessageBatch", {
        QueueUrl: this.#queueUrl(arn),
        Entries: batch.map(({ id, event }) => ({ Id: String(id), MessageBody: event })),
      });
      const failed = new Map<number, string>();
      for (const entry of Array.isArray(Failed) ? Failed : []) {
        if (isRecord(entry)) failed.set(Number(entry.Id), String(entry.Message ?? entry.Code));
      }
      this.#options.store.done(batch.map(({ id }) => id).filter((id) => !failed.has(id)));
      for (const delivery of batch) {
        const reason = failed.get(delivery.id);
        if (reason !== undefined) await this.#failed(delivery, new Undeliverable("SDK_CLIENT_ERROR", reason, false));
      }
    } catch (error) {
      for (const delivery of batch) await this.#failed(delivery, queueError(error));
    }
  }

  async #toFunction(arn: string, delivery: Delivery): Promise<void> {
    const handler = this.#options.functions.get(arn);
    try {
      if (!handler) throw new Undeliverable("NO_RESOURCE", `There is no function ${arn}.`, true);
      await handler(JSON.parse(delivery.event));
      this.#options.store.done([delivery.id]);
    } catch (error) {
      const reason =
        error instanceof Undeliverable ? error : new Undeliverable("SDK_CLIENT_ERROR", messageOf(error), false);
      await this.#failed(delivery, reason);
    }
  }

  async #failed(delivery: Delivery, reason: Undeliverable): Promise<void> {
    const policy = delivery.target.RetryPolicy;
    const attempts = delivery.attempts + 1;
    const tooOften = attempts > (policy?.MaximumRetryAttempts ?? defaultRetries);
    const tooOld = Date.now() - delivery.createdAt > (policy?.MaximumEventAgeInSeconds ?? defaultAgeSeconds) * 1000;
    if (!reason.final && !tooOften && !tooOld) {
      const wait = Math.min(firstRetryMs * 2 ** (attempts - 1), longestRetryMs);
      this.#options.store.postpone(delivery.id, attempts, Date.now() + wait);
      return;
    }
    this.#options.store.postpone(delivery.id, delivery.attempts, Date.now(), [reason.code, reason.message]);
    await this.#toDeadLetters(delivery, [reason.code, reason.message]);
  }

  async #toDeadLetters(delivery: Delivery, [code, message]: [string, string]): Promise<void> {
    const { store, log } = this.#options;
    const dlq = delivery.target.DeadLetterConfig?.Arn;
    if (!dlq) {
      log(`EventBridge gave up an event of rule ${delivery.rule} for ${delivery.target.Arn}: ${code}, ${message}`);
      store.done([delivery.id]);
      return;
    }
    try {
      await awsJson(this.#options.sqsEndpoint, "AmazonSQS.SendMessage", {
        QueueUrl: this.#queueUrl(dlq),
        MessageBody: delivery.event,
        MessageAttributes: deadLetterAttributes(delivery, code, message),
      });
      store.done([delivery.id]);
    } catch (error) {
      const reason = queueError(error);
      if (reason.final) {
        log(`EventBridge gave up an event of rule ${delivery.rule}: its dead-letter queue ${dlq} does not exist`);
        store.done([delivery.id]);
      } else {
        store.postpone(delivery.id, delivery.attempts, Date.now() + longestRetryMs / 12, [code, message]);
      }
    }
  }

  #queueUrl(arn: string): string {
    const [account = "", name = ""] = arn.split(":").slice(4);
    return `${this.#options.sqsEndpoint}/${account}/${name}`;
  }
}

function queueError(error: unknown): Undeliverable {
  if (error instanceof AwsJsonError && /NonExistentQueue|QueueDoesNotExist/.test(error.type)) {
    return new Undeliverable("NO_RESOURCE", "The target queue does not exist.", true);
  }
  return new Undeliverable("SDK_CLIENT_ERROR", messageOf(error), false);
}

function deadLetterAttributes(delivery: Delivery, code: string, message: string) {
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  const tooOften = delivery.attempts >= (delivery.target.RetryPolicy?.MaximumRetryAttempts ?? defaultRetries);
  return {
    RULE_ARN: text(ruleArn(delivery.bus, delivery.rule)),
    TARGET_ARN: text(delivery.target.Arn),
    ERROR_CODE: text(code),
    ERROR_MESSAGE: text(message || code),
    RETRY_ATTEMPTS: { DataType: "Number", StringValue: String(delivery.attempts) },
    ...(code !== "NO_RESOURCE" && {
      EXHAUSTED_RETRY_CONDITION: text(tooOften ? "MaximumRetryAttempts" : "MaximumEventAgeInSeconds"),
    }),
  };
}

export function ruleArn(bus: string, rule: string): string {
  return `arn:aws:events:us-east-1:000000000000:rule/${bus === "default" ? "" : `${bus}/`}${rule}`;
}

export type { Target };
