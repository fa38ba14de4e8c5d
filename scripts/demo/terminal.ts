import { spawn } from "node:child_process";
import path from "node:path";
import type { Browser, Page } from "@playwright/test";
import type { Camera } from "./camera.ts";
import { escaped, paper } from "./paper.ts";

const root = path.join(import.meta.dirname, "../..");

const colours: Record<number, string> = {
  31: "#b3261e",
  32: "#1b7a3d",
  33: "#8a5a00",
  34: "#1f5fbf",
  35: "#8b2fa8",
  36: "#0e6b7c",
  90: "#7a7266",
};

const start = `${String.fromCharCode(27)}[`;
const sequence = new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z])`);

/** Converts a line with terminal escapes to HTML. */
export function lineAsHtml(line: string): string {
  // Keeps what follows the last carriage return, and drops escapes other than colors.
  const last = line.split("\r").findLast((part) => part !== "") ?? "";
  let html = "";
  let open = "";
  for (const part of last.split(sequence)) {
    if (part.startsWith(start) && part.endsWith("m")) {
      for (const code of (part.slice(start.length, -1) || "0").split(";").map(Number)) {
        if (code === 0 || code === 39 || code === 22) open = "";
        else if (code === 1) open += "font-weight:700;";
        else if (code === 2) open += "color:#7a7266;";
        else if (colours[code]) open += `color:${colours[code]};`;
      }
    } else if (!part.startsWith(start)) {
      html += open ? `<span style="${open}">${escaped(part)}</span>` : escaped(part);
    }
  }
  return html;
}

export class Terminal {
  readonly page: Page;
  readonly #env: Record<string, string | undefined>;

  private constructor(page: Page, env: Record<string, string | undefined>) {
    this.page = page;
    this.#env = env;
  }

  static async open(browser: Browser, env: Record<string, string | undefined>): Promise<Terminal> {
    const page = await paper(
      browser,
      `<main style="height:100vh;display:flex;flex-direction:column;background:#fffdf9">
         <header style="flex:none;height:40px;display:flex;align-items:center;gap:9px;padding:0 18px;background:#efe9dd;color:#5d554a;font-size:15px">
           ${["#e5695e", "#e4b33c", "#5fb565"].map((dot) => `<i style="width:12px;height:12px;border-radius:6px;background:${dot}"></i>`).join("")}
           <span style="margin-inline:auto">Terminal</span>
         </header>
         <pre id="screen" style="flex:1;overflow:hidden;padding:18px 24px;font:17px/1.42 'Geist Mono',Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere"></pre>
       </main>`,
    );
    return new Terminal(page, { FORCE_COLOR: "1", COLUMNS: "118", ...env });
  }

  async clear(): Promise<void> {
    await this.page.evaluate(() => document.getElementById("screen")?.replaceChildren());
  }

  /**
   * Types a command, runs it and returns its output, which appears as it arrives. With `cuts`, the film skips the wait.
   */
  async run(camera: Camera, command: string, options: { cuts?: boolean; last?: number } = {}): Promise<string> {
    await camera.on(this.page);
    await this.#append("<span style='color:#0e6b7c;font-weight:700'>lectern $</span> ");
    for (const letter of command) {
      await this.#append(escaped(letter));
      await camera.rest(22);
    }
    await this.#append("\n");
    await camera.rest(350);
    const work = () => this.#execute(command, options);
    const output = await (options.cuts ? camera.without(work) : work());
    await camera.rest(900);
    return output;
  }

  async quietly(command: string): Promise<void> {
    await this.#execute(command, { last: 0 });
    await this.clear();
  }

  #execute(command: string, { last }: { last?: number }): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = spawn("bash", ["-c", command], {
        cwd: root,
        env: { ...process.env, ...this.#env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      let rest = "";
      let writing = Promise.resolve();
      const lines: string[] = [];
      const take = (chunk: Buffer) => {
        output += chunk.toString();
        rest += chunk.toString();
        const whole = rest.split("\n");
        rest = whole.pop() ?? "";
        lines.push(...whole);
        if (last === undefined)
          writing = writing.then(() => this.#append(whole.map((line) => `${lineAsHtml(line)}\n`).join("")));
      };
      child.stdout.on("data", take);
      child.stderr.on("data", take);
      child.on("error", reject);
      child.on("close", async () => {
        await writing;
        if (rest) lines.push(rest);
        // A long output shows its end.
        const left = last === undefined ? (rest ? [rest] : []) : lines.slice(lines.length - last);
        if (left.length > 0) await this.#append(left.map((line) => `${lineAsHtml(line)}\n`).join(""));
        resolve(output);
      });
    });
  }

  async #append(html: string): Promise<void> {
    await this.page.evaluate((more) => {
      const screen = document.getElementById("screen");
      screen?.insertAdjacentHTML("beforeend", more);
      if (screen) screen.scrollTop = screen.scrollHeight;
    }, html);
  }
}
