import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { inRepository } from "../cloud/paths.ts";
import { messageOf, StartError } from "../util/part.ts";

export interface DevOptions {
  port?: number;
  dataDir: string;
  /** Set when no --data-dir was given; an empty default directory gets a small demo. */
  isDefaultDir: boolean;
  readyFile?: string;
  reset: boolean;
  seed: boolean;
  hot: boolean;
}

export const usage = `npm run dev -- [options]

  --port <n|0>         public port (default 3000; 0 or a taken one picks another)
  --data-dir <dir>     where everything is kept (default .lectern; a new one starts empty)
  --ready-file <file>  written once everything answers: { url, apiUrl, mailUrl, schools, pid }
  --reset              empty the data directory first
  --seed               build the full demo: two schools, real courses, 200 learners
  --hot                serve pages through Vite, with hot updates, for work on packages/web`;

/** Parses the arguments; undefined means that help was requested. @throws StartError for unknown options */
export function parseOptions(argv: string[]): DevOptions | undefined {
  const cwd = process.env.LECTERN_CWD ?? process.cwd();
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        port: { type: "string" },
        "data-dir": { type: "string" },
        "ready-file": { type: "string" },
        reset: { type: "boolean", default: false },
        seed: { type: "boolean", default: false },
        hot: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) return undefined;
    const port = values.port === undefined ? undefined : Number(values.port);
    if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw new StartError(`--port takes a number from 0 to 65535, not ${values.port}.`);
    }
    const dataDir = values["data-dir"];
    if (dataDir === "") throw new StartError("--data-dir takes a folder.");
    return {
      dataDir: dataDir === undefined ? inRepository(".lectern") : resolve(cwd, dataDir),
      isDefaultDir: dataDir === undefined,
      reset: values.reset,
      seed: values.seed,
      hot: values.hot,
      ...(port !== undefined && { port }),
      ...(values["ready-file"] && { readyFile: resolve(cwd, values["ready-file"]) }),
    };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(`${messageOf(error)}\n\n${usage}`);
  }
}
