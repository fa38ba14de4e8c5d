import type { Graph } from "../synth/graph.ts";
import { auditRules } from "./audit.ts";
import { backupRules } from "./backup.ts";
import { cellRules } from "./cells.ts";
import { dataRules } from "./data.ts";
import { domainRules } from "./domains.ts";
import { driveRules } from "./drive.ts";
import { edgeRules } from "./edge.ts";
import { fronts } from "./fronts.ts";
import { functionRules } from "./functions.ts";
import { limitRules } from "./limits.ts";
import { networkRules } from "./network.ts";
import { observabilityRules } from "./observability.ts";
import { operatorRules } from "./operator.ts";
import { orderRules } from "./order.ts";
import { regionRules } from "./regions.ts";
import { relayRules } from "./relay.ts";
import type { Finding, Rule } from "./rule.ts";
import { storageRules } from "./storage.ts";
import { tableRules } from "./tables.ts";
import { workRules } from "./work.ts";

export const rules: readonly Rule[] = [
  ...functionRules,
  ...networkRules,
  ...dataRules,
  ...cellRules,
  ...driveRules,
  ...operatorRules,
  ...storageRules,
  ...auditRules,
  ...backupRules,
  ...observabilityRules,
  ...fronts,
  ...domainRules,
  ...edgeRules,
  ...orderRules,
  ...regionRules,
  ...limitRules,
  ...tableRules,
  ...relayRules,
  ...workRules,
];

/** Returns the findings of all rules, without the tracked exceptions. */
export const check = (graph: Graph): Finding[] =>
  rules.flatMap((rule) => [...rule.check(graph)].map((found) => ({ rule: rule.name, ...found })));
