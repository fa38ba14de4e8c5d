import { isIPv4, isIPv6 } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import { readJson, writeJson } from "../util/files.ts";
import type { DnsRecord } from "./wire.ts";

const hostName = /^(?!.{254})(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+$/;

const checks: Record<DnsRecord["type"], (value: string) => boolean> = {
  A: isIPv4,
  AAAA: isIPv6,
  CNAME: (value) => hostName.test(value),
  TXT: (value) => value.length > 0 && value.length < 1000,
  CAA: (value) => /^\d{1,3}\s+\w{1,15}\s+"?[^"]*"?$/.test(value),
};

const Name = z
  .string()
  .trim()
  .toLowerCase()
  .transform((name) => name.replace(/\.$/, ""));

export const RecordInput = z
  .object({ name: Name, type: z.enum(["A", "AAAA", "CNAME", "TXT", "CAA"]), value: z.string().trim() })
  .transform((record) => ({
    ...record,
    value: record.type === "CNAME" ? Name.parse(record.value) : record.value,
  }))
  .refine(({ name }) => hostName.test(name), "That is not a host name.")
  .refine(({ type, value }) => checks[type](value), "That is no value of such a record.");

/** A wildcard that always exists, as in the platform's zone on AWS. */
export interface Standing {
  /** Every name below this one... */
  readonly below: string;
  /** ...is a CNAME of this one, which is this machine. */
  readonly target: string;
}

/** The records of the local name server, kept across restarts. */
export class Records {
  readonly #file: string;
  readonly #standing: Standing;
  #records: DnsRecord[];

  constructor(dataDir: string, standing: Standing) {
    this.#file = join(dataDir, "dns", "records.json");
    this.#standing = standing;
    this.#records = z
      .array(RecordInput)
      .catch([])
      .parse(readJson(this.#file) ?? []);
  }

  all(): readonly DnsRecord[] {
    return this.#records;
  }

  /** Sets the records of a name: a CNAME excludes all others. */
  set(record: DnsRecord): void {
    const isAlone = record.type === "CNAME";
    this.#keep([
      ...this.#records.filter(
        ({ name, type, value }) =>
          name !== record.name || !(isAlone || type === "CNAME" || (type === record.type && value === record.value)),
      ),
      record,
    ]);
  }

  /** Removes a name's records, or only those of one type. */
  remove(name: string, type?: string): void {
    this.#keep(this.#records.filter((each) => each.name !== name || (type !== undefined && each.type !== type)));
  }

  /** Resolves a name along CNAMEs, and says whether it exists at all. */
  lookup(name: string, type: string): { records: DnsRecord[]; exists: boolean } {
    const found: DnsRecord[] = [];
    let at = name;
    let exists = false;
    for (let hop = 0; hop < 10; hop++) {
      const here = this.#at(at);
      exists ||= here.length > 0;
      const wanted = here.filter((each) => each.type === type);
      found.push(...wanted);
      const alias = here.find((each) => each.type === "CNAME");
      if (wanted.length > 0 || !alias) break;
      found.push(alias);
      at = alias.value;
    }
    return { records: found, exists };
  }

  /** Returns whether a request for this name reaches this machine. */
  isHere(name: string): boolean {
    return this.lookup(name, "A").records.some(({ type, value }) => type === "A" && value.startsWith("127."));
  }

  #at(name: string): DnsRecord[] {
    const { below, target } = this.#standing;
    if (name === target) return [{ name, type: "A", value: "127.0.0.1" }];
    if (name.endsWith(`.${below}`)) return [{ name, type: "CNAME", value: target }];
    return this.#records.filter((each) => each.name === name);
  }

  #keep(records: DnsRecord[]): void {
    this.#records = records;
    writeJson(this.#file, records);
  }
}
