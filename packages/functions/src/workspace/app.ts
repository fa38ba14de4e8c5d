import { access, constants, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Actor, type Route } from "@lectern/core/kernel/actor";
import { Directory } from "@lectern/core/kernel/directory";
import { Edge } from "@lectern/core/kernel/edge";
import { flushNudge } from "@lectern/core/kernel/event";
import { createId } from "@lectern/core/kernel/id";
import { log } from "@lectern/core/kernel/log";
import { Measure } from "@lectern/core/kernel/measure";
import { CourseImport } from "@lectern/core/learn/course-import";
import { Hono } from "hono";
import { createApp } from "../api/app.ts";
import { importEndpoints } from "../api/resources/imports.ts";
import { Health } from "../health/index.ts";
import { jobs, runFor } from "./drive/task.ts";

// The workspace: the API's work that is too long or too large for Lambda, in a container with the shared drive. The
// edge routes /api/v1/imports to it.

const started = /^\/api\/v1\/imports\/([a-z]+_[0-9a-z]+)\/start$/;

export interface Workspace {
  /** Mount point of the shared drive. */
  readonly drive: string;
}

export function workspace({ drive }: Workspace): { app: Hono; idle: () => Promise<void> } {
  const app = new Hono();
  const api = createApp(importEndpoints);
  const working = new Set<Promise<void>>();

  app.get("/health", async (c) => {
    // Fails the health check, so that the service replaces a task without its drive.
    const isWritable = await canWrite(drive);
    return c.json({ ...Health.live(), drive: isWritable ? "ok" : "down" }, isWritable ? 200 : 503);
  });

  app.all("/api/v1/imports/*", (c) => answer(c.req.raw));
  app.all("/api/v1/imports", (c) => answer(c.req.raw));
  app.notFound((c) => c.json({ code: "route.not_found", message: "There is nothing at this address." }, 404));

  async function answer(request: Request): Promise<Response> {
    const headers = Edge.admit(request.headers);
    if (!headers)
      return Response.json({ code: "edge.required", message: "Please use the public address." }, { status: 403 });
    const response = await api.fetch(new Request(request, { headers }));
    const importId = started.exec(new URL(request.url).pathname)?.[1];
    if (importId && request.method === "POST" && response.status === 202) {
      const work = unpack(headers.get("x-forwarded-host") ?? "", importId).finally(() => working.delete(work));
      working.add(work);
    }
    return response;
  }

  return { app, idle: async () => void (await Promise.all(working)) };
}

/**
 * Processes the package here. Its event reaches a queue a moment later and finds it claimed; if this process dies, a
 * schedule resumes the import.
 */
async function unpack(host: string, importId: string): Promise<void> {
  const school = await Directory.byHost(Directory.normalise(host));
  if (!school) return;
  await asWorkspace(school, async () => {
    try {
      await Measure.job("workspace import", async () => {
        if (!(await handedOver(school.schoolId, importId))) await CourseImport.process(importId);
      });
    } catch (err) {
      log.warn({ err, importId }, "an import ended in the workspace; its event or the schedule goes on with it");
    }
  });
}

/** Starts a separate task on the school's folder for a heavy package. If that fails, this process does the work. */
async function handedOver(schoolId: string, importId: string): Promise<boolean> {
  if (!jobs() || ((await CourseImport.packageBytes(importId)) ?? 0) <= CourseImport.heavyBytes) return false;
  try {
    await runFor(schoolId, { command: ["node", "server.mjs", "import", schoolId, importId], token: importId });
    return true;
  } catch (err) {
    log.error({ err, importId }, "a heavy import got no task of its own");
    return false;
  }
}

/** Runs in a separate task: one import of one school, with scratch files on the school's folder. */
export async function importHere(schoolId: string, importId: string): Promise<void> {
  const school = await Directory.readSchool(schoolId);
  if (!school) throw new Error(`there is no school ${schoolId}`);
  await asWorkspace(school, () => Measure.job("task import", () => CourseImport.process(importId)));
  await flushNudge(); // the task's process ends now
}

const asWorkspace = <T>(school: Route, work: () => Promise<T>): Promise<T> =>
  Actor.withActor({ type: "system", school, requestId: createId("request"), reason: "workspace import" }, work);

async function canWrite(drive: string): Promise<boolean> {
  try {
    const folder = path.join(drive, ".health");
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${process.pid}`);
    await writeFile(file, "ok");
    await rm(file);
    await access(drive, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
