import { AV_PIX_FMT_GRAY8, AVMEDIA_TYPE_SUBTITLE, AVMEDIA_TYPE_VIDEO, SWS_BICUBIC } from "node-av/constants";
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, SoftwareScaleContext } from "node-av/lib";

/** What a finished film contains, measured by playing all of it. */
export interface Seen {
  readonly durationMs: number;
  readonly width: number;
  readonly height: number;
  readonly codec: string;
  readonly frames: number;
  readonly contrast: readonly [first: number, last: number];
  readonly captions: readonly { readonly fromMs: number; readonly text: string }[];
}

/** Plays a film to its end and measures it. */
export async function look(file: string): Promise<Seen> {
  await using input = new FormatContext();
  FFmpegError.throwIfError(await input.openInput(file), `${file} cannot be opened`);
  FFmpegError.throwIfError(await input.findStreamInfo(), `${file} holds nothing that is known`);
  const video = input.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  const words = input.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_SUBTITLE);
  const codec = video && Codec.findDecoder(video.codecpar.codecId);
  if (!video || !codec) throw new Error(`${file} has no picture`);
  using decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(video.codecpar);
  FFmpegError.throwIfError(await decoder.open2(codec), "the decoder");
  using packet = new Packet();
  packet.alloc();
  using frame = new Frame();
  frame.alloc();
  const captions: { fromMs: number; text: string }[] = [];
  const contrasts: number[] = [];
  let frames = 0;
  const take = async () => {
    while ((await decoder.receiveFrame(frame)) >= 0) {
      frames += 1;
      if (frames === 1 || frame.pts * BigInt(video.timeBase.num) * 1000n >= lastMs(input) * BigInt(video.timeBase.den))
        contrasts.push(await contrastOf(frame));
      frame.unref();
    }
  };
  while ((await input.readFrame(packet)) >= 0) {
    if (packet.streamIndex === video.index) {
      FFmpegError.throwIfError(await decoder.sendPacket(packet), "a frame");
      await take();
    } else if (packet.streamIndex === words?.index && packet.data) {
      const text = packet.data.subarray(2, 2 + packet.data.readUInt16BE(0)).toString();
      const fromMs = Math.round((Number(packet.pts) * 1000 * words.timeBase.num) / words.timeBase.den);
      if (text) captions.push({ fromMs, text });
    }
    packet.unref();
  }
  await decoder.sendPacket(null);
  await take();
  const { width, height } = video.codecpar;
  const durationMs = Number(input.duration / 1000n);
  const contrast = [contrasts[0] ?? 0, contrasts.at(-1) ?? 0] as const;
  return { durationMs, width, height, codec: codec.name ?? "", frames, contrast, captions };
}

/** Frames of the last second are compared. */
const lastMs = ({ duration }: FormatContext): bigint => duration / 1000n - 1000n;

async function contrastOf(frame: Frame): Promise<number> {
  using scaler = new SoftwareScaleContext();
  using small = new Frame();
  small.alloc();
  Object.assign(small, { width: 160, height: 90, format: AV_PIX_FMT_GRAY8 });
  FFmpegError.throwIfError(small.getBuffer(), "room for a frame");
  scaler.getContext(frame.width, frame.height, frame.format as never, 160, 90, AV_PIX_FMT_GRAY8, SWS_BICUBIC);
  FFmpegError.throwIfError(await scaler.scaleFrame(small, frame), "a frame");
  const [plane] = small.data ?? [];
  const [stride = 160] = small.linesize;
  if (!plane) return 0;
  const values: number[] = [];
  for (let y = 0; y < 90; y += 1) for (let x = 0; x < 160; x += 1) values.push(plane[y * stride + x] ?? 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
