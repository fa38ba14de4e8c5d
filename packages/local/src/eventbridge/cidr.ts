import { BlockList, isIP } from "node:net";

/** Compiles `10.0.0.0/24` or `2001:db8::/32` (a plain address matches itself); undefined when it is neither. */
export function cidrBlock(text: string): ((address: string) => boolean) | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return undefined;
  const width = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (!/^\d{0,3}$/.test(bits ?? "") || bits === "" || prefix > width) return undefined;
  const kind = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(address, prefix, kind);
  return (candidate) => isIP(candidate) === family && list.check(candidate, kind);
}
