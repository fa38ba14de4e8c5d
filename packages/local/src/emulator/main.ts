// One emulator in its own process, so that tests can kill it alone.
import * as cloudfrontKvs from "../cloudfront-kvs/index.ts";
import * as cloudfront from "../cloudfront-tenants/index.ts";
import * as eventbridge from "../eventbridge/index.ts";
import * as s3 from "../s3/index.ts";
import * as ses from "../ses/index.ts";
import * as sqs from "../sqs/index.ts";
import { isRecord } from "../util/files.ts";
import { messageOf } from "../util/part.ts";

const say = (message: Record<string, unknown>) => process.send?.(message);
const log = (line: string) => say({ type: "log", line });
const options = JSON.parse(process.env.LECTERN_EMULATOR ?? "{}");

/** Commands that the supervisor may send. */
type Orders = Record<string, (message: Record<string, unknown>) => void>;

const starters = {
  cloudfront: async () => ({ part: await cloudfront.start({ ...options, log }), orders: {} satisfies Orders }),
  cloudfrontKvs: async () => ({ part: await cloudfrontKvs.start({ ...options, log }), orders: {} satisfies Orders }),
  s3: async () => ({ part: await s3.start({ ...options, log }), orders: {} satisfies Orders }),
  sqs: async () => {
    const part = await sqs.start(options);
    return { part, orders: { cancelPolls: () => part.cancelPolls(), releaseInFlight: () => part.releaseInFlight() } };
  },
  eventbridge: async () => {
    const part = await eventbridge.start({ ...options, log });
    const publish = ({ detailType, detail, resources }: Record<string, unknown>) =>
      part.publishFromAws("aws.ses", String(detailType), detail, resources as string[]);
    return { part, orders: { publish } };
  },
  ses: async () => {
    const publish = (detailType: string, detail: unknown, resources: string[]) =>
      void say({ type: "publish", detailType, detail, resources });
    return { part: await ses.start({ ...options, publish, log }), orders: {} satisfies Orders };
  },
};

process.on("SIGINT", () => {}); // Ctrl-C reaches the whole group; the supervisor decides

try {
  const kind = process.argv[2] as keyof typeof starters;
  const { part, orders }: { part: ses.Ses & Partial<cloudfront.CloudFront>; orders: Orders } = await starters[kind]();
  const { name, address, ms, port, endpoint, dns, dnsPort } = part;
  const stop = () => void part.stop().finally(() => process.exit(0));
  process.on("SIGTERM", stop);
  process.on("disconnect", stop); // the supervisor exited
  process.on("message", (message) => {
    if (isRecord(message)) orders[String(message.type)]?.(message);
  });
  say({ type: "listening", name, address, ms, port, endpoint, dns, dnsPort });
  say({ type: "ready" });
} catch (error) {
  console.error(error);
  say({ type: "failed", reason: messageOf(error) });
  setTimeout(() => process.exit(1), 50); // flush the message first
}
