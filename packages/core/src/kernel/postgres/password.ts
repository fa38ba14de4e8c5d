import { databaseToken, localCloud } from "../aws/index.ts";

/**
 * Returns the password of an application role: on AWS an IAM token per connect, so no password exists to leak; the
 * local Postgres has passwords.
 */
export function passwordOf(
  username: "lectern_app" | "lectern_platform",
  at: { readonly host: string; readonly port: number },
): string | (() => Promise<string>) {
  return localCloud()?.passwords[username] ?? (() => databaseToken({ host: at.host, port: at.port, username }));
}
