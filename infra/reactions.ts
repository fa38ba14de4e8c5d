import { type Need, type ReactionEntry, reactionList } from "../packages/functions/src/event/reactions.list.ts";
import { makesTenants } from "./domains.ts";
import { makeFunction, type Use } from "./functions.ts";
import { mails, queues, reads } from "./messaging.ts";
import { movesEditions } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { itemsFor, uses } from "./uses.ts";

const stage = stageOf($app.stage);

/** A reaction looks up its event's school and works as that school. */
const base: Use[] = [uses.directory, uses.schools, uses.database];

const needed: Record<Need, Use[]> = {
  platform: [uses.platform],
  directory: [uses.directory],
  settings: [uses.settings],
  mails: [mails],
  finder: [itemsFor("finder")],
  "finder-key": [secretsLink("FinderKey")],
  routes: [itemsFor("routes")],
  // A domain's claim is checked against other schools' claims in the directory.
  domains: [itemsFor("domains", "hosts"), makesTenants],
  editions: [uses.editions, movesEditions],
  nudges: [uses.nudges],
};

const pascal = (text: string) => text.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

for (const entry of reactionList) {
  const { on, needs, isOfPlatform, memory = "512 MB", atOnce }: ReactionEntry = entry;
  const { name } = entry;
  const { queue, timeoutSeconds } = queues[name];
  const title = `On${pascal(name)}`;
  const { live } = makeFunction(title, {
    handler: `packages/functions/src/event/reactions/${name}.handler`,
    description: `Reacts to ${on.join(", ")}`.slice(0, 256),
    timeout: `${timeoutSeconds} seconds`,
    memory,
    // Large packages get their own task on stages with a workspace; the event waits for it.
    ...(name === "course-import" && stage.standing && !$dev && { environment: { LECTERN_JOBS: "1" } }),
    uses: [...(isOfPlatform ? [] : base), reads(name), ...needs.flatMap((need) => needed[need])],
  });
  new aws.lambda.EventSourceMapping(`${title}Source`, {
    eventSourceArn: queue.arn,
    functionName: live.arn,
    batchSize: 10,
    functionResponseTypes: ["ReportBatchItemFailures"],
    // Limits how much of the database and of the account's concurrency a burst uses.
    scalingConfig: { maximumConcurrency: atOnce ?? stage.concurrency.reaction },
  });
}
