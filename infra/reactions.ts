import { type ReactionName, reactionList } from "../packages/functions/src/event/reactions.list.ts";
import { makesTenants } from "./domains.ts";
import { makeFunction, type Use } from "./functions.ts";
import { mails, queues, reads } from "./messaging.ts";
import { movesEditions } from "./router.ts";
import { secretsLink } from "./secrets.ts";
import { stageOf } from "./stage.ts";
import { itemsFor, uses } from "./uses.ts";

const stage = stageOf($app.stage);

/** Every reaction looks up its event's school and works as that school. */
const base: Use[] = [uses.directory, uses.schools, uses.database];
const writesMail: Use[] = [uses.platform, uses.settings, mails];

const special: Record<ReactionName, Use[]> = {
  "school-opened": writesMail,
  "settings-followed": [itemsFor("routes")],
  "finder-entry": [itemsFor("finder"), secretsLink("FinderKey")],
  "finder-mail": [...writesMail, secretsLink("FinderKey")],
  welcome: [],
  "verification-mail": writesMail,
  "password-reset-mail": writesMail,
  "sign-up-repeated-mail": writesMail,
  "session-ended-mail": writesMail,
  "email-change-mail": writesMail,
  "email-changed-mail": [...writesMail, itemsFor("finder"), secretsLink("FinderKey")],
  "password-changed-mail": writesMail,
  "sign-in-guessed-mail": writesMail,
  "owner-added-mail": writesMail,
  "invitation-mail": writesMail,
  "role-request-received": writesMail,
  "role-request-decided": writesMail,
  enrolled: writesMail,
  halfway: [],
  "course-completed": [],
  "certificate-issued": writesMail,
  "certificate-revoked": writesMail,
  "course-import": [],
  // A domain's claim is checked against other schools' claims in the directory.
  "domain-requested": [uses.platform, itemsFor("domains", "hosts"), makesTenants],
  "domain-removed": [uses.platform, itemsFor("domains", "hosts"), makesTenants],
  "domain-turned-mail": writesMail,
  "mail-feedback": [],
  "edition-moved": [uses.platform, uses.directory, uses.editions, movesEditions],
};

/** Works for the platform, so it gets only its own uses. */
const ofPlatform: ReadonlySet<ReactionName> = new Set(["edition-moved"]);

/** They cause no event, so they have nothing to call the relay for. */
const emitNothing: ReadonlySet<ReactionName> = new Set(["edition-moved", "mail-feedback"]);

/** Low concurrency: all runs write one store, and a conflicting write starts again. */
const atOnce: Partial<Record<ReactionName, number>> = { "edition-moved": 2 };

/** Holds whole courses in memory. */
const memory: Partial<Record<ReactionName, `${number} MB`>> = { "course-import": "3008 MB" };

const pascal = (text: string) => text.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

for (const { name, on } of reactionList) {
  const { queue, timeoutSeconds } = queues[name];
  const title = `On${pascal(name)}`;
  const { live } = makeFunction(title, {
    handler: `packages/functions/src/event/entry/${name}.handler`,
    description: `Reacts to ${on.join(", ")}`.slice(0, 256),
    timeout: `${timeoutSeconds} seconds`,
    memory: memory[name] ?? "512 MB",
    // Large packages get their own task on stages with a workspace; the event waits for it.
    ...(name === "course-import" && stage.standing && !$dev && { environment: { LECTERN_JOBS: "1" } }),
    uses: [
      ...(ofPlatform.has(name) ? [] : base),
      ...(emitNothing.has(name) ? [] : [uses.nudges]),
      reads(name),
      ...special[name],
    ],
  });
  new aws.lambda.EventSourceMapping(`${title}Source`, {
    eventSourceArn: queue.arn,
    functionName: live.arn,
    batchSize: 10,
    functionResponseTypes: ["ReportBatchItemFailures"],
    // Limits how much of the database and of the account's concurrency a burst uses.
    scalingConfig: { maximumConcurrency: atOnce[name] ?? stage.concurrency.reaction },
  });
}
