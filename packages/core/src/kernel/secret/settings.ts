import { Resource } from "sst";
import { Aws, localCloud } from "../aws/index.ts";
import { log } from "../log/index.ts";
import { type SettingName, settings } from "./settings.list.ts";

// Operators may change settings without a deployment, and the whole team may read them. They are in Parameter Store
// under the stage's path; a local stage has them among its resources.

const keepMs = 5 * 60_000;

let known: { readonly values: ReadonlyMap<string, string>; readonly readAt: number } | undefined;
let asking: Promise<ReadonlyMap<string, string>> | undefined;

/** Returns a setting by its name below the stage's path, or its default. */
export async function get(name: SettingName): Promise<string> {
  return (await read(name)) ?? settings[name].first;
}

async function read(name: SettingName): Promise<string | undefined> {
  if (localCloud()) return Resource.Settings.values?.[name];
  if (known && Date.now() - known.readAt < keepMs) return known.values.get(name);
  asking ??= readAll().finally(() => {
    asking = undefined;
  });
  return (await asking).get(name);
}

/** Reads all settings in one call. When Parameter Store is unavailable, the cached values stay valid. */
async function readAll(): Promise<ReadonlyMap<string, string>> {
  let values = known?.values;
  try {
    values = await fetchAll(Resource.Settings.path ?? "");
  } catch (error) {
    if (!values) throw error;
    log.warn({ err: error }, "settings could not be read again; the known ones stay");
  }
  known = { values, readAt: Date.now() };
  return values;
}

async function fetchAll(path: string): Promise<Map<string, string>> {
  const { client, GetParametersByPathCommand } = await Aws.ssm();
  const values = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await client.send(new GetParametersByPathCommand({ Path: path, Recursive: true, NextToken }));
    for (const { Name = "", Value = "" } of page.Parameters ?? []) values.set(Name.slice(path.length + 1), Value);
    NextToken = page.NextToken;
  } while (NextToken);
  return values;
}

export * as Settings from "./settings.ts";
