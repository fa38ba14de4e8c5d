import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(import.meta.url), "../../../../..");

export const inRepository = (...parts: string[]): string => join(root, ...parts);

/** Returns the repository's Node, or the running one when it is as new. */
export function nodeBinary(): string {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const own = inRepository("node_modules", "node", "bin", "node");
  return existsSync(own) ? own : process.execPath;
}

/** Node options for TypeScript and `*.localhost` in child processes. */
export const childOptions = (): string[] => [
  "--disable-warning=ExperimentalWarning",
  "--import",
  "tsx",
  "--import",
  inRepository("packages", "local", "bin", "preload.mjs"),
];
