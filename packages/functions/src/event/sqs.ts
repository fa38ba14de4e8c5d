// The parts of an SQS event that are used here.

export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle?: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
}
export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}
/** The messages that stay in the queue; the others are done. */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** The body of a message that EventBridge put into a queue: the event as it was published, around the `detail`. */
export interface BusMessage {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: unknown;
}
