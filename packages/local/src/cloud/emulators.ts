import * as cloudfrontKvs from "../cloudfront-kvs/index.ts";
import * as cloudfront from "../cloudfront-tenants/index.ts";
import * as eventbridge from "../eventbridge/index.ts";
import * as s3 from "../s3/index.ts";
import * as ses from "../ses/index.ts";
import * as sqs from "../sqs/index.ts";
import type { Part } from "../util/part.ts";
import { Child } from "./child.ts";

export type EmulatorName = "s3" | "sqs" | "eventbridge" | "ses" | "cloudfront" | "cloudfrontKvs";

interface Emulator extends Part {
  port: number;
  endpoint: string;
}

export interface Emulators {
  s3(options: { port: number; buckets: readonly string[] }): Promise<Emulator>;
  sqs(options: { port: number }): Promise<Emulator & Pick<sqs.Sqs, "cancelPolls" | "releaseInFlight">>;
  eventbridge(options: {
    port: number;
    sqsEndpoint: string;
    buses: readonly string[];
  }): Promise<Emulator & Pick<eventbridge.EventBridge, "publishFromAws">>;
  cloudfront(options: {
    port: number;
    dnsPort: number;
    platform: string;
    paceMs?: number;
  }): Promise<Emulator & Pick<cloudfront.CloudFront, "dns" | "dnsPort">>;
  cloudfrontKvs(options: { port: number; stores: readonly string[] }): Promise<Emulator>;
  ses(options: { port: number; bus: Pick<eventbridge.EventBridge, "publishFromAws"> }): Promise<Emulator>;
}

interface Common {
  dataDir: string;
  log: (line: string) => void;
}

export const emulatorsHere = ({ dataDir, log }: Common): Emulators => ({
  s3: ({ port, buckets }) => s3.start({ dataDir, log, port, buckets: [...buckets] }),
  sqs: ({ port }) => sqs.start({ dataDir, port }),
  eventbridge: (options) => eventbridge.start({ dataDir, log, ...options }),
  cloudfront: (options) => cloudfront.start({ dataDir, log, ...options }),
  cloudfrontKvs: (options) => cloudfrontKvs.start({ dataDir, log, ...options }),
  ses: ({ port, bus }) => {
    const publish = (detailType: string, detail: unknown, resources: string[]) =>
      bus.publishFromAws("aws.ses", detailType, detail, resources);
    return ses.start({ dataDir, log, port, publish });
  },
});

/**
 * Starts each emulator in its own process, and restarts it on the same port. @param children receives each one at its
 * start
 */
export function emulatorsApart(common: Common, children: Partial<Record<EmulatorName, Child>>): Emulators {
  const { dataDir, log } = common;
  const start = async (
    name: EmulatorName,
    options: Record<string, unknown>,
    onMessage: (message: Record<string, unknown>) => void = () => {},
  ) => {
    let heard: Record<string, unknown> = {};
    const child = new Child({
      name,
      script: "src/emulator/main.ts",
      args: [name],
      dataDir,
      // Clients keep the old address, so the successor must listen on the same port.
      env: () => ({
        LECTERN_EMULATOR: JSON.stringify({
          dataDir,
          ...options,
          ...(heard.port ? { port: heard.port } : {}),
          ...(heard.dnsPort ? { dnsPort: heard.dnsPort } : {}),
        }),
      }),
      log,
      onMessage: (message) => {
        if (message.type === "listening") heard = message;
        else onMessage(message);
      },
    });
    children[name] = child;
    await child.start();
    const emulator: Emulator = {
      name: String(heard.name),
      address: String(heard.address),
      ms: Number(heard.ms),
      port: Number(heard.port),
      endpoint: String(heard.endpoint),
      stop: () => child.stop(),
    };
    return { ...emulator, heard, tell: (message: Record<string, unknown>) => child.tell(message) };
  };
  return {
    s3: (options) => start("s3", options),
    sqs: async (options) => {
      const { tell, ...part } = await start("sqs", options);
      return {
        ...part,
        cancelPolls: () => tell({ type: "cancelPolls" }),
        releaseInFlight: () => tell({ type: "releaseInFlight" }),
      };
    },
    eventbridge: async (options) => {
      const { tell, ...part } = await start("eventbridge", options);
      return {
        ...part,
        publishFromAws: (_source, detailType, detail, resources = []) =>
          tell({ type: "publish", detailType, detail, resources }),
      };
    },
    cloudfront: async (options) => {
      const { heard, ...part } = await start("cloudfront", options);
      return { ...part, dns: String(heard.dns), dnsPort: Number(heard.dnsPort) };
    },
    cloudfrontKvs: (options) => start("cloudfrontKvs", options),
    ses: ({ port, bus }) =>
      start("ses", { port }, ({ type, detailType, detail, resources }) => {
        if (type === "publish") bus.publishFromAws("aws.ses", String(detailType), detail, resources as string[]);
      }),
  };
}
