import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import * as dynamodb from "../dynamodb/index.ts";
import * as lambda from "../lambda/index.ts";
import * as postgres from "../postgres/index.ts";
import { runTask } from "../task/client.ts";
import { writeJson } from "../util/files.ts";
import { messageOf, type Part, since } from "../util/part.ts";
import { freeSitePort } from "../util/ports.ts";
import { Child } from "./child.ts";
import { type EmulatorName, emulatorsApart, emulatorsHere } from "./emulators.ts";
import { Engine } from "./engine.ts";
import { Guard } from "./guard.ts";
import { inRepository } from "./paths.ts";
import { prepareDatabases } from "./prepare.ts";
import { buildResources, names, queueUrl, type Resources } from "./resources.ts";
import { lock, openDataDir, readSettings, writeSettings } from "./state.ts";

export { StartError } from "../util/part.ts";
export type { Resources } from "./resources.ts";

export interface CloudOptions {
  /** Created when missing. */
  dataDir: string;
  /** Preferred public port of the site; 0 or a taken one selects another. Default: the last one used, else 3000. */
  port?: number;
  /** The site: pages, API and sign-in on the public port. Default true. */
  site?: boolean;
  /** The worker: relay, queue consumers, crons, warm schools. Default true. */
  worker?: boolean;
  /** The worker runs its schedules. Default true; without them only a nudge publishes events. */
  schedules?: boolean;
  /** Each has its own database in the same Postgres, and its own data table. Default 1. */
  cells?: 1 | 2 | 3;
  /** Serve pages through Vite's development server. */
  hot?: boolean;
  /** Duration of each simulated CloudFront change; AWS takes minutes. Default 500. */
  edgePaceMs?: number;
  /** Runs each emulator in its own process, so that tests can kill it alone; starts slower. Default false. */
  apart?: boolean;
  log?: (line: string) => void;
  onPart?: (part: PartInfo) => void;
}

export type PartInfo = Pick<Part, "name" | "address" | "ms">;
/** The emulators only with `apart`. */
export type Killable = "postgres" | "dynamodb" | "site" | "worker" | "guard" | EmulatorName;

/** The parts that do a request's work. */
export type Measured = "site" | "postgres" | "dynamodb";

export interface Kill {
  signal?: NodeJS.Signals;
  /** The part stays down until this settles. Default: it restarts at once; the guard always does. */
  until?: Promise<unknown>;
}

export interface Cloud {
  /** The platform site, `http://localhost:<port>`; needs `site`. */
  url: string;
  apiUrl: string;
  mailUrl: string;
  port: number;
  dataDir: string;
  resources: Resources;
  parts: PartInfo[];
  /** The process id of a part; 0 without such a process. */
  pidOf(part: Measured): number;
  /** Kills a process and resolves when its successor works. */
  kill(part: Killable, how?: Kill): Promise<void>;
  seed(kind: "seedSmall" | "seedFull", log?: (line: string) => void): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts the local cloud on a data directory: real engines and emulators on free ports of 127.0.0.1, optionally the
 * site and the worker. Parts that exit restart; all of them end with this process, even after kill -9.
 * @throws StartError with one sentence for the developer
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const dataDir = resolve(options.dataDir);
  const log = options.log ?? (() => {});
  openDataDir(dataDir);
  const unlock = lock(dataDir);
  const running: { stop(): Promise<void> }[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      // Stop in reverse order: later parts depend on earlier ones.
      for (const each of running.toReversed()) {
        await each.stop().catch((error: unknown) => log(`stopping failed: ${messageOf(error)}`));
      }
      rmSync(join(dataDir, "running.json"), { force: true });
      unlock();
    })();
    return stopped;
  };
  try {
    return await start({ ...options, dataDir, log }, running, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: CloudOptions & { log: (line: string) => void },
  running: { stop(): Promise<void> }[],
  stop: () => Promise<void>,
): Promise<Cloud> {
  const { dataDir, log } = options;
  const settings = readSettings(dataDir);
  const { ports, secrets } = settings;
  const cells = Array.from({ length: options.cells ?? 1 }, (_, at) => `local-${at + 1}`);
  const parts: PartInfo[] = [];
  const told = ({ name, address, ms }: PartInfo) => {
    parts.push({ name, address, ms });
    options.onPart?.({ name, address, ms });
  };
  const guard = new Guard();
  running.push(guard);
  const watch = (name: NodeJS.Signals) => (pid: number, alive: boolean) =>
    alive ? guard.watch(pid, name) : guard.forget(pid);
  /** Each part registers itself, so that a failed start also stops the parts that did start. */
  const began = async <P extends Part & { port: number }>(
    key: string,
    part: Promise<P>,
    owner?: { stop(): Promise<void> },
  ) => {
    const ready = await part;
    running.push(owner ?? ready);
    if (ready.port) ports[key] = ready.port;
    told(ready);
    return ready;
  };

  const wanted = options.port ?? ports.site ?? 3000;
  const port = await freeSitePort(wanted);
  if (wanted !== 0 && port !== wanted) log(`port ${wanted} is taken, so the site uses ${port}`);
  ports.site = port;

  const database = new Engine(
    "Postgres",
    (fixed, onExit) =>
      postgres.start({
        dataDir,
        port: fixed ?? ports.postgres ?? 0,
        fixedPort: fixed !== undefined,
        password: secrets.superuser,
        onProcess: watch("SIGINT"),
        onExit,
      }),
    log,
  );
  const tables = [
    dynamodb.tables.directory(names.directoryTable),
    dynamodb.tables.auth(names.authTable),
    ...cells.map((cell) => dynamodb.tables.data(names.dataTable(cell))),
  ];
  const table = new Engine(
    "DynamoDB",
    (fixed, onExit) =>
      dynamodb.start({
        dataDir,
        port: fixed ?? ports.dynamodb ?? 0,
        fixedPort: fixed !== undefined,
        tables,
        onProcess: watch("SIGTERM"),
        onExit,
      }),
    log,
  );
  const buckets = [names.mediaBucket, names.packagesBucket, names.backupsBucket];
  const children: Partial<Record<"site" | "worker" | EmulatorName, Child>> = {};
  const emulators = options.apart ? emulatorsApart({ dataDir, log }, children) : emulatorsHere({ dataDir, log });
  const started = await Promise.allSettled([
    began("postgres", database.start(), database),
    began("dynamodb", table.start(), table),
    began("s3", emulators.s3({ port: ports.s3 ?? 0, buckets })),
    messaging(),
    began(
      "cloudfront",
      emulators.cloudfront({
        ...{ port: ports.cloudfront ?? 0, dnsPort: ports.dns ?? 0, platform: "localhost" },
        ...(options.edgePaceMs !== undefined && { paceMs: options.edgePaceMs }),
      }),
    ),
    began("lambda", lambda.start({ port: ports.lambda ?? 0, invoke })),
    began("cloudfrontKvs", emulators.cloudfrontKvs({ port: ports.cloudfrontKvs ?? 0, stores: [names.edgeStore] })),
  ] as const);
  const failed = started.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
  const [pg, dynamo, storage, messages, front, functions, edgeStore] = started.map((each) =>
    each.status === "fulfilled" ? each.value : undefined,
  ) as unknown as [
    postgres.Postgres,
    dynamodb.Dynamo,
    Awaited<ReturnType<typeof emulators.s3>>,
    Awaited<ReturnType<typeof messaging>>,
    Awaited<ReturnType<typeof emulators.cloudfront>>,
    lambda.Functions,
    Awaited<ReturnType<typeof emulators.cloudfrontKvs>>,
  ];
  ports.dns = front.dnsPort;

  /** Lambda keeps an asynchronous call until the function can take it: so does this while the worker starts. */
  function invoke(arn: string, event: unknown) {
    const { worker } = children;
    worker?.ready.then(
      () => worker.tell({ type: "invoke", arn, event }),
      () => {}, // the cloud stops
    );
  }

  async function messaging() {
    const queues = await began("sqs", emulators.sqs({ port: ports.sqs ?? 0 }));
    const bus = await began(
      "eventbridge",
      emulators.eventbridge({ port: ports.eventbridge ?? 0, sqsEndpoint: queues.endpoint, buses: [names.bus] }),
    );
    const mail = await began("ses", emulators.ses({ port: ports.ses ?? 0, bus }));
    return { queues, bus, mail };
  }

  const { queues, bus, mail } = messages;
  const endpoints = {
    dynamodb: dynamo.endpoint,
    s3: storage.endpoint,
    sqs: queues.endpoint,
    eventbridge: bus.endpoint,
    lambda: functions.endpoint,
    ses: mail.endpoint,
    cloudfront: front.endpoint,
    cloudfrontKvs: edgeStore.endpoint,
  };
  const resources = buildResources({ port, dataDir, cells, settings, endpoints, dns: front.dns });
  const begin = performance.now();
  const prepared = await prepareDatabases({ superuserUrl: pg.superuserUrl, cells, settings, resources, dataDir, log });
  if (prepared) told({ name: "Databases", address: cells.join(", "), ms: since(begin) });
  writeSettings(dataDir, settings);

  const url = `http://localhost:${port}`;
  const env = () => ({
    SST_RESOURCES_JSON: JSON.stringify(resources),
    OPENAUTH_ISSUER: `http://auth.localhost:${port}`,
    LECTERN_PORT: String(port),
    // The site is bundled, so it cannot find the migrations relative to its own file.
    LECTERN_MIGRATIONS: inRepository("migrations"),
    NODE_ENV: options.hot ? "development" : "production",
  });
  const child = (
    name: "site" | "worker",
    args: string[],
    onMessage: (message: Record<string, unknown>) => void,
    onExit?: () => void,
  ) => {
    const made = new Child({
      name,
      script: `src/${name}/main.ts`,
      args,
      dataDir,
      env,
      log,
      onMessage,
      ...(onExit && { onExit }),
    });
    children[name] = made;
    running.push(made);
    const from = performance.now();
    return made
      .start()
      .then(() =>
        told({ name: name === "site" ? "Site" : "Worker", address: name === "site" ? url : "", ms: since(from) }),
      );
  };
  const saveRunning = () =>
    writeJson(join(dataDir, "running.json"), {
      pid: process.pid,
      url,
      apiUrl: `${url}/api/v1`,
      mailUrl: mail.endpoint,
      resources,
    });
  saveRunning();

  const starting: Promise<void>[] = [];
  if (options.worker !== false) {
    starting.push(
      child(
        "worker",
        options.schedules === false ? ["--no-schedules"] : [],
        (message) => {
          if (message.type !== "queues" || !Array.isArray(message.names)) return;
          // Saved at once, so that the next start creates the queues first.
          settings.queues = message.names.map(String);
          for (const name of settings.queues) resources.Queues.urls[name] = queueUrl(queues.endpoint, name);
          writeSettings(dataDir, settings);
          saveRunning();
        },
        () => {
          queues.cancelPolls();
          queues.releaseInFlight();
        },
      ),
    );
  }
  if (options.site !== false) {
    starting.push(child("site", options.hot ? ["--hot"] : [], () => {}));
  }
  await Promise.all(starting);

  return {
    url,
    apiUrl: `${url}/api/v1`,
    mailUrl: mail.endpoint,
    port,
    dataDir,
    resources,
    parts,
    pidOf: (part) =>
      part === "postgres" ? database.pid : part === "dynamodb" ? table.pid : (children[part]?.pid ?? 0),
    kill: (part, how) => {
      if (part === "postgres") return database.kill(how);
      if (part === "dynamodb") return table.kill(how);
      if (part === "guard") return guard.kill();
      const process = children[part];
      if (!process) throw new Error(`The ${part} was not started, or is no process of its own.`);
      return process.kill(how);
    },
    seed: (kind, tell = log) =>
      runTask({
        name: kind,
        input: { url, apiUrl: `${url}/api/v1`, mailUrl: mail.endpoint, dataDir },
        resources,
        dataDir,
        log: tell,
      }),
    stop,
  };
}
