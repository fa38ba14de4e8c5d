import type { PartInfo } from "../cloud/index.ts";
import type { DemoSchool } from "./demo.ts";

const pad = (text: string, width: number) => text.padEnd(width);

export const partLine = ({ name, address, ms }: PartInfo): string =>
  `  ${pad(name, 14)}${pad(address, 28)}${String(ms).padStart(6)} ms`;

export function banner(options: {
  url: string;
  apiUrl: string;
  mailUrl: string;
  dnsUrl: string;
  operatorToken: string;
  schools: readonly DemoSchool[];
  seconds: number;
}): string {
  const lines = [
    "",
    `  Lectern is ready after ${options.seconds.toFixed(1)} s. Ctrl-C stops it.`,
    "",
    `  ${pad("Platform", 14)}${options.url}`,
    `  ${pad("API", 14)}${options.apiUrl} (documents: ${options.url}/api/docs)`,
    `  ${pad("Sent mail", 14)}${options.mailUrl}`,
    `  ${pad("Local DNS", 14)}${options.dnsUrl}`,
    `  ${pad("Operations", 14)}${options.url}/operator`,
    `    ${pad("token", 12)}${options.operatorToken}`,
  ];
  for (const { slug, url, logins } of options.schools) {
    lines.push("", `  ${pad(`School ${slug}`, 14)} ${url}`);
    const width = Math.max(...logins.map(({ email }) => email.length), 0) + 2;
    for (const { role, email, password } of logins) lines.push(`    ${pad(role, 14)}${pad(email, width)}${password}`);
  }
  if (options.schools.length === 0)
    lines.push("", `  No school yet: open ${options.url}/sign-up, or start with --seed.`);
  return `${lines.join("\n")}\n`;
}
