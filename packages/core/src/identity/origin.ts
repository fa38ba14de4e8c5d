import { useActor } from "../kernel/actor/index.ts";
import { deviceOf } from "./device.ts";

/** Where the present request comes from, as a letter says it; null where it is not known. */
export function origin(): { device: string | null; network: string | null } {
  const { from } = useActor();
  return { device: from?.userAgent ? deviceOf(from.userAgent) : null, network: from ? coarse(from.address) : null };
}

/** The network an address is in, not the address: enough to recognize one's own, and no more than a letter should carry. */
function coarse(address: string): string | null {
  const four = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address)?.[1];
  if (four) return `${four}.x`;
  if (!/^[0-9a-f:]{2,45}$/i.test(address) || !address.includes(":")) return null;
  return `${address.split(":").slice(0, 4).join(":")}::`;
}
