import { databaseToken, localCloud } from "../aws/index.ts";

/**
 * What a role of running code signs in with. On AWS an IAM token, asked for at each connect, so there is no password that
 * could be known; the local Postgres has passwords.
 */
export function passwordOf(
  username: "lectern_app" | "lectern_platform",
  at: { readonly host: string; readonly port: number },
): string | (() => Promise<string>) {
  return localCloud()?.passwords[username] ?? (() => databaseToken({ host: at.host, port: at.port, username }));
}
