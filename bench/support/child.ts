import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";

export function serve(script: string, args: readonly string[] = []): Promise<{ port: number; stop: () => void }> {
  const child: ChildProcess = fork(path.join(import.meta.dirname, script), [...args], {
    execArgv: ["--import", "tsx"],
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code}`)));
    child.stdout?.once("data", (chunk: Buffer) =>
      resolve({ port: Number(chunk.toString().trim()), stop: () => child.kill() }),
    );
  });
}
