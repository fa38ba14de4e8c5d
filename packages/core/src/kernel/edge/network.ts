import { isIPv6 } from "node:net";

/**
 * Returns the network that counts as one visitor in a limit: an IPv4 address, or the /64 of an IPv6 address, because
 * one visitor has 2^64 of those. Returns other text unchanged.
 */
export function networkOf(address: string): string {
  const bare = address.replace(/^\[|\]$/g, "").split("%", 1)[0] ?? "";
  if (!isIPv6(bare)) return address;
  // The URL parser writes every IPv6 address in one way.
  const [head = "", tail] = new URL(`http://[${bare}]`).hostname.slice(1, -1).split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  const numbers = groups.map((group) => Number.parseInt(group, 16));
  const [high = 0, low = 0] = numbers.slice(6);
  if (numbers.slice(0, 5).every((part) => part === 0) && numbers[5] === 0xffff)
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  return `${groups.slice(0, 4).join(":")}::/64`;
}
