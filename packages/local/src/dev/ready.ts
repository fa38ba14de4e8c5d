import { get } from "node:http";
import { messageOf, sleep } from "../util/part.ts";

/**
 * Waits until `GET /health/ready` answers 200.
 * @param told receives the reason, once, after `patienceMs`
 */
export async function whenReady(
  port: number,
  signal: AbortSignal,
  told: (reason: string) => void,
  patienceMs = 30_000,
): Promise<void> {
  const begin = Date.now();
  let silent = true;
  while (!signal.aborted) {
    const reason = await ask(port);
    if (reason === undefined) return;
    if (silent && Date.now() - begin > patienceMs) {
      silent = false;
      told(reason);
    }
    await sleep(100);
  }
}

function ask(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get(
      { host: "127.0.0.1", port, path: "/health/ready", headers: { host: `localhost:${port}` }, timeout: 10_000 },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () =>
          resolve(response.statusCode === 200 ? undefined : `${response.statusCode} ${body.slice(0, 300)}`),
        );
        response.on("error", (error) => resolve(messageOf(error)));
      },
    );
    request.on("timeout", () => request.destroy(new Error("no answer within 10 s")));
    request.on("error", (error) => resolve(messageOf(error)));
  });
}
