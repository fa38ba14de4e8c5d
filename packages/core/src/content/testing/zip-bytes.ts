import { crc32, deflateRawSync } from "node:zlib";

/** One entry of a hand-made zip. Omitted fields get their true values; given ones are written unchecked. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Stored bytes, instead of the deflated content. */
  readonly packed?: Buffer;
  readonly store?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly madeBy?: number;
  readonly attributes?: number;
  readonly extra?: Buffer;
  /** What the local header says, where that differs from the directory. */
  readonly localName?: string | Buffer;
  readonly localMethod?: number;
  readonly localFlags?: number;
  /** Points the directory at another place, e.g. the local header of another entry. */
  readonly offset?: number;
  /** No local header and content of its own. */
  readonly ghost?: boolean;
}

export interface ZipOptions {
  /** How many entries the end record claims. */
  readonly count?: number;
  readonly comment?: string;
  readonly prefix?: Buffer;
}

const bytesOf = (value: string | Buffer): Buffer => (typeof value === "string" ? Buffer.from(value) : value);

/** Builds a zip byte by byte for tests: valid by default, as wrong as its entries ask. */
export function zipBytes(entries: readonly ZipEntry[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = options.prefix ? [options.prefix] : [];
  const directory: Buffer[] = [];
  let position = options.prefix?.length ?? 0;
  for (const entry of entries) {
    const name = bytesOf(entry.name);
    const content = bytesOf(entry.content ?? "");
    const isFolder = name.at(-1) === 0x2f;
    const stored = entry.store === true || isFolder;
    const packed = entry.packed ?? (stored ? content : deflateRawSync(content));
    const method = entry.method ?? (stored ? 0 : 8);
    const flags = entry.flags ?? 0x800;
    const crc = entry.crc ?? crc32(content);
    const packedSize = entry.packedSize ?? packed.length;
    const size = entry.size ?? content.length;
    const extra = entry.extra ?? Buffer.alloc(0);
    const localName = bytesOf(entry.localName ?? name);
    const offset = entry.offset ?? position;
    if (!entry.ghost) {
      const local = Buffer.alloc(30);
      local.writeUInt32LE(0x04034b50, 0);
      local.writeUInt16LE(20, 4);
      local.writeUInt16LE(entry.localFlags ?? flags, 6);
      local.writeUInt16LE(entry.localMethod ?? method, 8);
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(packedSize, 18);
      local.writeUInt32LE(size, 22);
      local.writeUInt16LE(localName.length, 26);
      parts.push(local, localName, packed);
      position += 30 + localName.length + packed.length;
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(entry.madeBy ?? (3 << 8) | 20, 4);
    central.writeUInt16LE(20, 6);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc, 16);
    central.writeUInt32LE(packedSize, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(entry.attributes ?? 0, 38);
    central.writeUInt32LE(offset, 42);
    directory.push(central, name, extra);
  }
  const comment = Buffer.from(options.comment ?? "");
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE((options.count ?? entries.length) & 0xffff, 8);
  end.writeUInt16LE((options.count ?? entries.length) & 0xffff, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(position, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, comment]);
}

/** An extra field of a directory entry. */
export function extraField(id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}
