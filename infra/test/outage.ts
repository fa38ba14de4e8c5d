import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Route } from "@lectern/core/kernel/actor";
import { Db } from "@lectern/core/kernel/db";
import { SchoolItem } from "@lectern/core/kernel/directory";
import { createId } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import { Course } from "@lectern/core/learn/course";
import { aCourse, aPicture, enrolled, type Made, pixel } from "@lectern/core/learn/course/testing";
import { Session, Token } from "@lectern/core/people/identity";
import { type Cloud, startCloud } from "@lectern/local/cloud";
import { Catalog } from "@lectern/tenants/catalog";
import { Provision } from "@lectern/tenants/provision";
import { aSchool, asPublic, asSystem, asUser, aUser } from "@lectern/tenants/testing";
import { type Cdn, cdnOf } from "./cdn.ts";
import { edgeRequest } from "./edge.ts";
import { graphOf } from "./graphs.ts";

// The scene of the outage tests: a local cloud with the site, a school, people with sessions, and the edge's cache in
// front of public pages.

/** Maximum time for any answer during an outage. */
export const patienceMs = 8_000;

export interface Seen {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly code: string | undefined;
  readonly isApi: boolean;
  readonly body: string;
  readonly ms: number;
}

export interface Person {
  readonly userId: string;
  readonly email: string;
  readonly token: string;
  readonly cookie: string;
}

export interface Ground {
  readonly cloud: Cloud;
  readonly school: Route;
  readonly course: Made;
  readonly lessonSlugs: readonly string[];
  readonly pictureId: string;
  readonly uploads: string[];
  readonly reader: Person;
  readonly author: Person;
  /** Enrolled learners whose lessons are saved. */
  readonly savers: readonly Person[];
  readonly newcomers: Person[];
  readonly cdn: Cdn;
  ask(method: string, at: string, headers?: Record<string, string>, json?: unknown): Promise<Seen>;
  /** A visitor's request for a public page through the edge's cache. */
  atEdge(at: string): Promise<Seen>;
  stop(): Promise<void>;
}

export const bearer = ({ token }: Person) => ({ authorization: `Bearer ${token}` });
export const signedIn = ({ cookie }: Person) => ({ cookie: `__Host-session=${cookie}` });

/** Starts the scene. It fills `Resource`, so call it before any code that reads one. */
export async function ground(counts: {
  lessons: number;
  savers: number;
  newcomers: number;
  uploads: number;
}): Promise<Ground> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "lectern-outage-"));
  const cloud = await startCloud({ dataDir, port: 0, apart: true });
  process.env.SST_RESOURCES_JSON = JSON.stringify(cloud.resources);
  await Provision.refill({ target: 1 });
  const school = await aSchoolWithLogo();
  const course = await aCourse(school, { lessons: counts.lessons, publish: true, title: "Tides" });
  const learner = async () => aPerson(school, await aUser(school, { roles: ["learner"] }));
  const people = (count: number) => Promise.all(Array.from({ length: count }, learner));
  const [reader, savers, newcomers] = [await learner(), await people(counts.savers), await people(counts.newcomers)];
  for (const { userId } of [reader, ...savers]) await enrolled(school, course.id, userId);
  const author = await aPerson(school, { userId: course.by.userId, email: "" });
  const authored = await asUser(school, course.by, async () => {
    const { modules } = await Course.page({ courseIdOrSlug: course.id });
    const uploads: string[] = [];
    for (let at = 0; at < counts.uploads; at += 1) uploads.push(await anUpload(course.id));
    const lessonSlugs = modules.flatMap(({ lessons }) => lessons.map(({ slug }) => slug));
    const { id: pictureId } = await aPicture(course.id);
    await Course.setCover({ courseId: course.id, assetId: pictureId });
    return { lessonSlugs, uploads, pictureId };
  });
  const host = `${school.slug}.${cloud.resources.Platform.domain}`;
  const cdn = cdnOf(graphOf("production"), async ({ uri, headers }) => {
    const given = Object.entries(headers).map(([name, { value }]) => [name, value] as const);
    const answer = await exchange(cloud, "GET", host, uri, Object.fromEntries(given));
    return { status: answer.status, headers: answer.headers, cookies: [], body: answer.body };
  });
  return {
    ...{ cloud, school, course, ...authored, reader, author, savers, newcomers, cdn },
    async ask(method, at, headers = {}, json) {
      const begin = performance.now();
      const body = json === undefined ? undefined : JSON.stringify(json);
      const all = { ...headers, ...(body !== undefined && { "content-type": "application/json" }) };
      const isPlatform = at.startsWith("platform:");
      const [where, target] = isPlatform ? [cloud.resources.Platform.domain, at.slice("platform:".length)] : [host, at];
      const answer = await exchange(cloud, method, where, target, all, body);
      const retryAfter = answer.headers["retry-after"];
      const isJson = String(answer.headers["content-type"]).includes("json");
      return {
        status: answer.status,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
        code: isJson && answer.body ? JSON.parse(answer.body).code : undefined,
        isApi: target.startsWith("/api/"),
        body: answer.body,
        ms: Math.round(performance.now() - begin),
      };
    },
    async atEdge(at) {
      const begin = performance.now();
      const { status, body } = await cdn.ask(edgeRequest(`http://${host}${at}`));
      const ms = Math.round(performance.now() - begin);
      return { status, retryAfter: undefined, code: undefined, isApi: false, body, ms };
    },
    async stop() {
      await Promise.all([Db.close(), Catalog.close()]);
      await cloud.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function aSchoolWithLogo(): Promise<Route> {
  const school = await aSchool();
  const logo = await asSystem(school, async () => {
    const key = Storage.key("brand", createId("asset"));
    await Storage.put({ key, body: pixel, contentType: "image/png" });
    return key;
  });
  const { accent, font, radius } = school.brand;
  await SchoolItem().patch({ schoolId: school.schoolId }).set({ brand: { accent, font, radius, logo } }).go();
  return { ...school, brand: { ...school.brand, logo } };
}

const aPerson = (school: Route, { userId, email }: { userId: string; email: string }): Promise<Person> =>
  asPublic(school, async () => ({
    userId,
    email,
    token: (await Token.issue({ userId })).accessToken,
    cookie: (await Session.create({ userId })).cookie,
  }));

async function anUpload(courseId: string): Promise<string> {
  const { url, fields, assetId } = await Course.uploadAsset({
    ...{ courseId, fileName: "shore.png", contentType: "image/png", bytes: pixel.length },
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([new Uint8Array(pixel)], { type: "image/png" }), "shore.png");
  const sent = await fetch(url, { method: "POST", body: form, redirect: "manual" });
  if (sent.status >= 400) throw new Error(`the upload was answered with ${sent.status}`);
  return assetId;
}

interface Exchanged {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** Sends a request to the site; 502 when nothing listens, as the edge would answer. Throws on a time-out. */
function exchange(
  cloud: Cloud,
  method: string,
  host: string,
  at: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const nobody = { status: 502, headers: {}, body: "" };
    const request = httpRequest(
      {
        ...{ host: "127.0.0.1", port: cloud.port, method, path: at, agent: false },
        signal: AbortSignal.timeout(patienceMs),
        headers: { ...headers, host, "x-lectern-local": `${cloud.resources.LocalCloud.localKey}:outage` },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
        response.on("error", failed);
      },
    );
    function failed(error: Error) {
      if (error.name === "AbortError" || error.name === "TimeoutError")
        reject(new Error(`no answer within ${patienceMs} ms: ${method} ${at}`));
      else resolve(nobody);
    }
    request.on("error", failed);
    request.end(body);
  });
}
