import * as z from "zod";
import * as Secret from "../../kernel/crypto/index.ts";

// A browser that someone has signed in with carries a sealed list of those people. Its wrong passwords count
// separately, so strangers who guess cannot lock people out of their own devices.

export const lifetimeSeconds = 400 * 24 * 60 * 60;
const most = 8;

const Remembered = z.object({ id: z.string(), users: z.array(z.string()) });

async function read(cookie: string | undefined): Promise<z.output<typeof Remembered> | undefined> {
  const opened = cookie && cookie.length < 2000 ? await Secret.unsealForSession("device", cookie) : undefined;
  return Remembered.safeParse(opened).data;
}

/** The device's own name, where this person has signed in with it before. */
export async function nameFor(cookie: string | undefined, userId: string): Promise<string | undefined> {
  const known = await read(cookie);
  return known?.users.includes(userId) ? known.id : undefined;
}

/** The cookie's value once this person has signed in with the device. */
export async function remember(cookie: string | undefined, userId: string): Promise<string> {
  const known = await read(cookie);
  const users = [userId, ...(known?.users ?? []).filter((each) => each !== userId)].slice(0, most);
  return Secret.sealForSession("device", { id: known?.id ?? Secret.newSecret(), users }, lifetimeSeconds);
}

export * as KnownDevice from "./known-device.ts";
