import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/**
 * Returns LECTERN_CHROMIUM, else Playwright's browser, else the system's, else installs one of the two. Undefined
 * selects Playwright's own.
 */
export function findChromium() {
  if (process.env.LECTERN_CHROMIUM) return process.env.LECTERN_CHROMIUM;
  if (playwrightOwn()) return undefined;
  const system = systemChromium();
  if (system) return system;
  process.stdout.write("No browser found: installing one.\n");
  const download = spawnSync("node_modules/.bin/playwright", ["install", "chromium"], {
    stdio: "inherit",
    timeout: 300_000,
  });
  if (download.status === 0 && playwrightOwn()) return undefined;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    spawnSync("apt-get", ["update", "-qq"], { stdio: "inherit" });
    spawnSync("apt-get", ["install", "-y", "-qq", "chromium"], {
      stdio: "inherit",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  }
  const installed = systemChromium();
  if (!installed) {
    process.stdout.write("No browser could be installed. Install Chromium, or name one in LECTERN_CHROMIUM.\n");
    process.exit(1);
  }
  return installed;
}

function playwrightOwn() {
  const script = 'import("@playwright/test").then(({ chromium }) => console.log(chromium.executablePath()))';
  const found = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }).trim();
  return existsSync(found) ? found : undefined;
}

function systemChromium() {
  const names = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  return names.find((name) => existsSync(name));
}
