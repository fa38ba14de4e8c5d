import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DescribeEventBusCommand } from "@aws-sdk/client-eventbridge";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { GetAccountCommand } from "@aws-sdk/client-sesv2";
import { GetQueueAttributesCommand, ListQueuesCommand } from "@aws-sdk/client-sqs";
import { Resource } from "sst";
import { Aws } from "../../kernel/aws/index.ts";

interface Signal {
  readonly abortSignal: AbortSignal;
}

/** The least that each service can be asked. */
export const probes: Readonly<Record<string, (signal: Signal) => Promise<unknown>>> = {
  dynamodb: (signal) =>
    Aws.dynamodb().send(new DescribeTableCommand({ TableName: Resource.DirectoryTable.name }), signal),
  // A prefix that belongs to no school: the probing functions may not list a school's files.
  s3: (signal) =>
    Aws.s3().send(
      new ListObjectsV2Command({ Bucket: Resource.MediaBucket.name, Prefix: "health/", MaxKeys: 1 }),
      signal,
    ),
  sqs: (signal) => {
    const [url] = Object.values(Resource.Queues.urls);
    // A stage without reactions has no queue to check; the service itself still answers.
    if (url === undefined) return Aws.sqs().send(new ListQueuesCommand({ MaxResults: 1 }), signal);
    return Aws.sqs().send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }), signal);
  },
  eventbridge: (signal) => Aws.eventbridge().send(new DescribeEventBusCommand({ Name: Resource.Bus.name }), signal),
  ses: (signal) => Aws.ses().send(new GetAccountCommand({}), signal),
};
