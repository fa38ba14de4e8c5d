// DNS wire format (RFC 1035), reduced to what a resolver asks for.

export const types = { A: 1, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, CAA: 257 } as const;
export type RecordType = keyof typeof types;

export interface DnsRecord {
  /** Lower case, without the final dot. */
  readonly name: string;
  readonly type: Exclude<RecordType, "SOA">;
  /** As people write it: an address, a name, a text, `0 issue "amazon.com"`. */
  readonly value: string;
}

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /**
   * The original bytes. The answer must repeat them exactly: clients mix upper and lower case to detect forged answers.
   */
  readonly raw: Buffer;
}

/** Parses the first question; undefined when the message is no query. */
export function parse(message: Buffer): Question | undefined {
  if (message.length < 17 || message.readUInt16BE(4) < 1 || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at + length >= message.length) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(message.toString("latin1", at, at + length));
    at += length;
  }
  if (at + 4 > message.length) return undefined;
  return {
    id: message.readUInt16BE(0),
    name: labels.join(".").toLowerCase(),
    type: message.readUInt16BE(at),
    raw: message.subarray(12, at + 4),
  };
}

/** Encodes an answer; `exists` false means NXDOMAIN. */
export function answer(question: Question, records: readonly DnsRecord[], exists: boolean): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(question.id, 0);
  header.writeUInt16BE(exists ? 0x8580 : 0x8583, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question.raw, ...records.map(encode)]);
}

function encode({ name, type, value }: DnsRecord): Buffer {
  const data = dataOf(type, value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(types[type], 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(1, 4); // one second, so that a changed record takes effect at once
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

function encodeName(name: string): Buffer {
  const parts = name.split(".").flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, "latin1")]);
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function dataOf(type: DnsRecord["type"], value: string): Buffer {
  if (type === "A") return Buffer.from(value.split(".").map(Number));
  if (type === "AAAA") return addressOf(value);
  if (type === "CNAME") return encodeName(value);
  if (type === "TXT") {
    const text = Buffer.from(value);
    const chunks: Buffer[] = [];
    for (let at = 0; at < text.length; at += 255) chunks.push(text.subarray(at, at + 255));
    return Buffer.concat(chunks.flatMap((chunk) => [Buffer.from([chunk.length]), chunk]));
  }
  const [, flags = "0", tag = "", text = ""] = /^(\d+)\s+(\w+)\s+"?([^"]*)"?$/.exec(value) ?? [];
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag + text)]);
}

function addressOf(value: string): Buffer {
  const [head = "", tail] = value.split("::");
  const groups = (text: string | undefined) => (text ? text.split(":") : []);
  const front = groups(head);
  const back = groups(tail);
  const middle = tail === undefined ? [] : Array<string>(8 - front.length - back.length).fill("0");
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...front, ...middle, ...back].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), at * 2);
  return bytes;
}
