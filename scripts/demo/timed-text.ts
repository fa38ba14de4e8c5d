// Captions as 3GPP timed text, the only subtitles that every MP4 player supports.

export interface Caption {
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
}

/** Fills gaps between captions: a text track must define every moment, even an empty one. */
export function textSamples(captions: readonly Caption[], durationMs: number): Caption[] {
  const samples: Caption[] = [];
  const end = Math.round(durationMs);
  let at = 0;
  for (const { fromMs, toMs, text } of captions) {
    const from = Math.max(Math.round(fromMs), at);
    const to = Math.min(Math.round(toMs), end);
    if (to <= from) continue;
    if (from > at) samples.push({ fromMs: at, toMs: from, text: "" });
    samples.push({ fromMs: from, toMs: to, text });
    at = to;
  }
  if (at < end) samples.push({ fromMs: at, toMs: end, text: "" });
  return samples;
}

/** The length in two bytes, then UTF-8. */
export function textSample(text: string): Buffer {
  const utf8 = Buffer.from(text);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(utf8.byteLength);
  return Buffer.concat([head, utf8]);
}

/** Returns the caption style: white on half-transparent black, centered at the bottom, sans serif. */
export function textStyle(height: number): Buffer {
  const name = Buffer.from("Sans-Serif");
  const box = Buffer.alloc(8);
  const style = Buffer.alloc(12);
  style.writeUInt16BE(1, 4);
  style.writeUInt8(Math.min(255, Math.round(height / 25)), 7);
  style.writeUInt32BE(0xffffffff, 8);
  const fonts = Buffer.alloc(8 + 2 + 2 + 1);
  fonts.writeUInt32BE(fonts.byteLength + name.byteLength, 0);
  fonts.write("ftab", 4, "latin1");
  fonts.writeUInt16BE(1, 8);
  fonts.writeUInt16BE(1, 10);
  fonts.writeUInt8(name.byteLength, 12);
  const head = Buffer.from([0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0x80]);
  return Buffer.concat([head, box, style, fonts, name]);
}
