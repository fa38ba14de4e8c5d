import { flushCompileCache } from "node:module";
import { kill, pid } from "node:process";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Edge } from "@lectern/core/kernel/edge";
import { defineEvent } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { Resource } from "sst";
import * as z from "zod";

// A function behind the edge's door whose process is frozen, as Lambda does it, in the moment its handler has answered:
// `freezing.ts <route as JSON>`. Each message of the parent is a request that commits an event.

flushCompileCache(); // Else it is written at the end of a process, and these have none.

const Frozen = defineEvent("test.frozen", z.object({}));
const school: Route = JSON.parse(process.argv[2] ?? "{}");
const handler = Edge.behind(() =>
  Actor.withActor({ type: "system", school, reason: "freezing", requestId: createId("request") }, async () => {
    await Frozen.emit({});
    return { statusCode: 200 };
  }),
);
const headers = { [Edge.header]: Resource.LocalCloud?.localKey ?? "" };

process.on("message", () => {
  void handler({ headers }).then(() => {
    process.send?.("answered", () => kill(pid, "SIGSTOP"));
  });
});
process.send?.("ready");
