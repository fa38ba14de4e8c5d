import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = resolve(fileURLToPath(import.meta.url), "../../../../..");

export const inRepository = (...parts: string[]): string => join(root, ...parts);

/** The Node 24 of the repository, or the running one when it is as new. */
export function nodeBinary(): string {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const own = inRepository("node_modules", "node", "bin", "node");
  return existsSync(own) ? own : process.execPath;
}

/** Node options under which TypeScript and `*.localhost` work in a child. */
export const childOptions = (): string[] => [
  "--disable-warning=ExperimentalWarning",
  "--import",
  "tsx",
  "--import",
  inRepository("packages", "local", "bin", "preload.mjs"),
];
