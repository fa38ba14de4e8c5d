import { rmSync } from "node:fs";
import { join } from "node:path";
import { isRecord, readJson, writeJson } from "../util/files.ts";

export interface DemoLogin {
  email: string;
  password: string;
  role: string;
}
export interface DemoSchool {
  slug: string;
  url: string;
  logins: DemoLogin[];
}
export interface SeedContext {
  /** The platform site, for example http://localhost:3000. */
  url: string;
  apiUrl: string;
  mailUrl: string;
  dataDir: string;
  log: (line: string) => void;
}
export type DemoKind = "seedSmall" | "seedFull";

const fileOf = (dataDir: string) => join(dataDir, "demo.json");

/** Validates what a demo function returned; undefined when it is no list of schools. */
export function schoolsOf(value: unknown): DemoSchool[] | undefined {
  const list: unknown = isRecord(value) ? value.schools : value;
  if (!Array.isArray(list)) return undefined;
  return list.filter(isRecord).map((school) => ({
    slug: String(school.slug),
    url: String(school.url),
    logins: (Array.isArray(school.logins) ? school.logins : []).filter(isRecord).map((login) => ({
      email: String(login.email),
      password: String(login.password),
      role: String(login.role),
    })),
  }));
}

export function remember(dataDir: string, kind: DemoKind, schools: DemoSchool[]): void {
  writeJson(fileOf(dataDir), { kind, schools });
}

/** Marks an empty default directory, so that a first start that fails leaves the demo to the next one. */
export const expect = (dataDir: string): void => writeJson(fileOf(dataDir), { kind: "expected" });

/** Returns true once after `expect`: a second attempt would run over the remains of a failed one. */
export function takeExpected(dataDir: string): boolean {
  const found = readJson(fileOf(dataDir));
  if (!isRecord(found) || found.kind !== "expected") return false;
  rmSync(fileOf(dataDir));
  return true;
}

/** Returns the demo of an earlier start, with addresses on the current port. */
export function recall(dataDir: string, port: number): { kind: DemoKind; schools: DemoSchool[] } | undefined {
  const found = readJson(fileOf(dataDir));
  if (!isRecord(found) || found.kind === "expected") return undefined;
  const schools = (schoolsOf(found.schools) ?? []).map((school) => ({
    ...school,
    url: `http://${school.slug}.localhost:${port}`,
  }));
  return { kind: found.kind === "seedFull" ? "seedFull" : "seedSmall", schools };
}
