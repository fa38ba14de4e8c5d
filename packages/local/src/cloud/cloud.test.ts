import { spawn } from "node:child_process";
import { type Dirent, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, ListEventBusesCommand } from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientOptions, tempDir, until } from "../testing/index.ts";
import { isAlive, waitGone } from "../util/processes.ts";
import { type Cloud, type Resources, startCloud } from "./index.ts";
import { childOptions, inRepository, nodeBinary } from "./paths.ts";

vi.setConfig({ testTimeout: 90_000 });

let dir: ReturnType<typeof tempDir>;
const clouds: Cloud[] = [];

beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  for (const cloud of clouds.splice(0)) await cloud.stop();
  dir.remove();
});

async function open(over: Partial<Parameters<typeof startCloud>[0]> = {}): Promise<Cloud> {
  const cloud = await startCloud({ dataDir: dir.path, port: 0, site: false, worker: false, ...over });
  clouds.push(cloud);
  return cloud;
}

/** Starts a local cloud in its own process, so that the test can kill it. */
async function openElsewhere(): Promise<{ pid: number; resources: Resources }> {
  const script = join(dir.path, "..", `start-${process.pid}-${Date.now()}.mts`);
  const index = inRepository("packages/local/src/cloud/index.ts");
  writeFileSync(
    script,
    `import { startCloud } from ${JSON.stringify(index)};
     const cloud = await startCloud({ dataDir: ${JSON.stringify(dir.path)}, port: 0, site: false, worker: false });
     process.send({ pid: process.pid, resources: cloud.resources });`,
  );
  const child = spawn(nodeBinary(), [...childOptions(), script], {
    cwd: inRepository(),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", (message) => resolve(message as unknown as { pid: number; resources: Resources }));
    child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
  });
}

/** Writes to every store; the returned function lists what is missing after a restart. */
async function fill({ LocalCloud: { endpoints }, DirectoryTable, MediaBucket }: Resources) {
  const dynamo = new DynamoDBClient(clientOptions(endpoints.dynamodb));
  await dynamo.send(new PutItemCommand({ TableName: DirectoryTable.name, Item: { pk: { S: "a" }, sk: { S: "b" } } }));
  const s3 = new S3Client({ ...clientOptions(endpoints.s3), forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: MediaBucket.name, Key: "s/a", Body: "kept" }));
  const sqs = new SQSClient(clientOptions(endpoints.sqs));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept" }));
  await new SESv2Client(clientOptions(endpoints.ses)).send(
    new SendEmailCommand({
      FromEmailAddress: "a@example.com",
      Destination: { ToAddresses: ["b@example.com"] },
      Content: { Simple: { Subject: { Data: "kept" }, Body: { Text: { Data: "x" } } } },
    }),
  );
}
async function found({ LocalCloud: { endpoints }, DirectoryTable, MediaBucket, Bus }: Resources) {
  const dynamo = new DynamoDBClient(clientOptions(endpoints.dynamodb));
  const key = { pk: { S: "a" }, sk: { S: "b" } };
  const s3 = new S3Client({ ...clientOptions(endpoints.s3), forcePathStyle: true });
  const sqs = new SQSClient(clientOptions(endpoints.sqs));
  const events = new EventBridgeClient(clientOptions(endpoints.eventbridge));
  const mails: { subject: string }[] = JSON.parse(await (await fetch(`${endpoints.ses}/mails`)).text());
  const object = await s3.send(new GetObjectCommand({ Bucket: MediaBucket.name, Key: "s/a" }));
  const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl: `${endpoints.sqs}/000000000000/kept` }));
  return {
    item: (await dynamo.send(new GetItemCommand({ TableName: DirectoryTable.name, Key: key }))).Item,
    object: await object.Body?.transformToString(),
    message: received.Messages?.[0]?.Body,
    mail: mails[0]?.subject,
    bus: (await events.send(new ListEventBusesCommand({}))).EventBuses?.some((bus) => bus.Name === Bus.name),
  };
}
const everything = {
  item: { pk: { S: "a" }, sk: { S: "b" } },
  object: "kept",
  message: "kept",
  mail: "kept",
  bus: true,
};

const superuser = (cloud: Pick<Cloud, "dataDir">, port: number) => {
  const { secrets } = JSON.parse(readFileSync(join(cloud.dataDir, "settings.json"), "utf8"));
  return postgres({
    host: "127.0.0.1",
    port,
    username: "postgres",
    password: secrets.superuser,
    fetch_types: false,
    max: 1,
  });
};
const postgresPort = (dataDir: string): number =>
  JSON.parse(readFileSync(join(dataDir, "settings.json"), "utf8")).ports.postgres;
const postgresPid = (dataDir: string) =>
  Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);

describe("the local cloud", () => {
  test("keeps everything when the whole tree is killed with -9, and leaves no process behind", async () => {
    const { pid, resources } = await openElsewhere();
    const database = postgresPid(dir.path);
    const sql = superuser({ dataDir: dir.path }, postgresPort(dir.path));
    await sql`create table kept (at int)`;
    await sql`insert into kept values (1)`;
    await fill(resources);
    process.kill(pid, "SIGKILL");
    process.kill(database, "SIGKILL");
    await sql.end({ timeout: 1 }).catch(() => {});
    await waitGone(pid, 5000);

    const cloud = await open();
    expect(await found(cloud.resources)).toEqual(everything);
    const again = superuser(cloud, postgresPort(dir.path));
    expect(await again`select at from kept`).toEqual([{ at: 1 }]);
    await again.end();
    const running = postgresPid(dir.path);
    await cloud.stop();
    expect(isAlive(running)).toBe(false);
    expect(existsSync(join(dir.path, "running.json"))).toBe(false);
  });

  test("ends Postgres and DynamoDB when only the supervisor is killed", async () => {
    const { pid, resources } = await openElsewhere();
    const database = postgresPid(dir.path);
    process.kill(pid, "SIGKILL");
    expect(await waitGone(database, 8000)).toBe(true);
    await expect(
      until(async () => ((await isOpen(resources.LocalCloud.endpoints.dynamodb)) ? undefined : true)),
    ).resolves.toBe(true);
  });

  test("starts Postgres and DynamoDB again on the same port when they are killed", async () => {
    const lines: string[] = [];
    const cloud = await open({ log: (line) => lines.push(line) });
    await fill(cloud.resources);
    await cloud.kill("postgres");
    await cloud.kill("dynamodb");
    const sql = superuser(cloud, postgresPort(dir.path));
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
    await sql.end();
    expect((await found(cloud.resources)).item).toEqual(everything.item);
    expect(lines).toEqual(["Postgres ended; it starts again", "DynamoDB ended; it starts again"]);
  });

  test("has two cells on request, says when it cannot have the wanted port, and remembers secrets and ports", async () => {
    const first = await open({ cells: 2 });
    const sql = superuser(first, postgresPort(dir.path));
    const names = await sql`select datname from pg_database where datname like 'lectern%' order by 1`;
    await sql.end();
    expect(names.map((row) => row.datname)).toEqual(["lectern", "lectern_2"]);
    await first.stop();

    const blocker = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => blocker.once("listening", resolve));
    const address = blocker.address();
    const taken = address && typeof address === "object" ? address.port : 0;
    const lines: string[] = [];
    const second = await open({ cells: 2, port: taken, log: (line) => lines.push(line) });
    blocker.close();
    expect(second.port).not.toBe(taken);
    expect(lines).toEqual([`port ${taken} is taken, so the site uses ${second.port}`]);
    expect(second.resources.Platform.domain).toBe(`localhost:${second.port}`);
    expect(second.resources.Secrets).toEqual(first.resources.Secrets);
    expect(second.resources.LocalCloud.endpoints).toEqual(first.resources.LocalCloud.endpoints);
    await expect(open()).rejects.toThrow(new RegExp(`running already.*process ${process.pid}.*--data-dir`));
  });

  // Browsers also try ::1 for localhost, so another user's server there could answer instead.
  test("keeps what it writes from everybody else on this machine", async () => {
    await open();
    const own = readdirSync(dir.path, { withFileTypes: true });
    const isOpen = (entry: Dirent) => (statSync(join(dir.path, entry.name)).mode & 0o077) !== 0;
    expect(own.filter((entry) => !entry.isSymbolicLink() && isOpen(entry)).map(({ name }) => name)).toEqual([]);
    expect(statSync(dir.path).mode & 0o066).toBe(0);
  });

  test("leaves a port that another program has on ::1 alone", async ({ skip }) => {
    const blocker = createServer();
    const address = await new Promise<AddressInfo | undefined>((resolve) => {
      blocker.once("error", () => resolve(undefined));
      blocker.listen(0, "::1", () => resolve(blocker.address() as AddressInfo));
    });
    if (!address) return skip("there is no IPv6 here");
    const cloud = await open({ port: address.port });
    blocker.close();
    expect(cloud.port).not.toBe(address.port);
  });
});

async function isOpen(url: string): Promise<boolean> {
  try {
    await fetch(url);
    return true;
  } catch {
    return false;
  }
}
