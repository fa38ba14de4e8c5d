import { useActor } from "../../kernel/actor/index.ts";
import { networkOf } from "../../kernel/edge/network.ts";
import { deviceOf } from "./device.ts";

/** Returns the device and network of the current request in the words of a letter; null where unknown. */
export function requestOrigin(): { device: string | null; network: string | null } {
  const { from } = useActor();
  return { device: from?.userAgent ? deviceOf(from.userAgent) : null, network: from ? coarse(from.address) : null };
}

/** Returns the network of an address instead of the address: people recognize their own, and a letter needs no more. */
function coarse(address: string): string | null {
  const network = networkOf(address);
  if (network.endsWith("/64")) return network;
  const four = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(network)?.[1];
  return four ? `${four}.x` : null;
}
