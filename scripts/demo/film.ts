import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_CODEC_ID_MOV_TEXT,
  AV_LOG_ERROR,
  AV_PIX_FMT_YUV420P,
  AV_PKT_FLAG_KEY,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_SUBTITLE,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, FFmpegError, FormatContext, Log, Packet, Rational } from "node-av/lib";
import { Canvas, type Point } from "./canvas.ts";
import { type Caption, textSample, textSamples, textStyle } from "./timed-text.ts";

// Encodes pictures as H.264 in MP4, with the captions as a separate text track.

/** A picture (JPEG), shown until the next one of its kind. */
export interface Shot {
  readonly atMs: number;
  readonly jpeg: Buffer;
}

export interface Script {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly durationMs: number;
  readonly shots: Iterable<Shot>;
  /** The captions as pictures, sorted. Without them the camera uses the whole frame. */
  readonly strips?: readonly Shot[];
  readonly stripHeight?: number;
  readonly captions: readonly Caption[];
  /** Where the pointer is. */
  readonly pointer?: (ms: number) => Point | undefined;
}

const checked = (code: number, what: string): number => {
  FFmpegError.throwIfError(code, what);
  return code;
};

/** Writes the film at a constant frame rate, however seldom the picture changes. */
export async function writeFilm(script: Script): Promise<void> {
  const { file, width, height, framesPerSecond, durationMs } = script;
  Log.setLevel(AV_LOG_ERROR);
  await using output = new FormatContext();
  checked(output.allocOutputContext2(null, "mp4", file), "the film cannot be begun");
  using encoder = await h264(width, height, framesPerSecond);
  const video = output.newStream();
  checked(video.codecpar.fromContext(encoder), "the picture's track");
  video.timeBase = encoder.timeBase;
  video.avgFrameRate = new Rational(framesPerSecond, 1);
  const words = output.newStream();
  words.codecpar.codecType = AVMEDIA_TYPE_SUBTITLE;
  words.codecpar.codecId = AV_CODEC_ID_MOV_TEXT;
  words.codecpar.extradata = textStyle(height);
  words.timeBase = new Rational(1, 1000);
  words.metadata = Dictionary.fromObject({ language: "eng" });
  checked(await output.openOutput(), `${file} cannot be written`);
  // The index comes first, so that browsers can play before the download ends.
  checked(await output.writeHeader(Dictionary.fromObject({ movflags: "+faststart" })), "the film's head");

  const samples = textSamples(script.captions, durationMs);
  const writeWords = async (untilMs: number): Promise<void> => {
    for (let next = samples[0]; next && next.fromMs <= untilMs; next = samples[0]) {
      samples.shift();
      using packet = new Packet();
      packet.alloc();
      packet.data = textSample(next.text);
      packet.pts = BigInt(next.fromMs);
      packet.dts = BigInt(next.fromMs);
      packet.duration = BigInt(next.toMs - next.fromMs);
      packet.streamIndex = words.index;
      packet.setFlags(AV_PKT_FLAG_KEY);
      packet.rescaleTs(new Rational(1, 1000), words.timeBase);
      checked(await output.interleavedWriteFrame(packet), "a caption");
    }
  };
  const drain = async (): Promise<void> => {
    using packet = new Packet();
    packet.alloc();
    for (;;) {
      const code = await encoder.receivePacket(packet);
      if (code === AVERROR_EAGAIN || code === AVERROR_EOF) return;
      checked(code, "a frame");
      packet.streamIndex = video.index;
      packet.rescaleTs(encoder.timeBase, video.timeBase);
      checked(await output.interleavedWriteFrame(packet), "a frame");
      packet.unref();
    }
  };
  using canvas = new Canvas(width, height, script.strips ? (script.stripHeight ?? 0) : 0);
  const camera = latest(script.shots);
  const strip = latest(script.strips ?? []);
  const count = Math.ceil((durationMs / 1000) * framesPerSecond);
  for (let at = 0; at < count; at += 1) {
    const ms = (at * 1000) / framesPerSecond;
    const frame = await canvas.draw(camera(ms), strip(ms), script.pointer?.(ms));
    frame.pts = BigInt(at);
    await writeWords(ms);
    checked(await encoder.sendFrame(frame), "a frame");
    await drain();
  }
  checked(await encoder.sendFrame(null), "the last frame");
  await drain();
  await writeWords(durationMs);
  checked(await output.writeTrailer(), "the film's end");
  await output.closeOutput();
}

/** Returns a function that gives the picture that is new since the last call; times must increase. */
function latest(shots: Iterable<Shot>): (ms: number) => Buffer | undefined {
  const from = shots[Symbol.iterator]();
  let next = from.next();
  return (ms) => {
    let found: Buffer | undefined;
    for (; !next.done && next.value.atMs <= ms; next = from.next()) found = next.value.jpeg;
    return found;
  };
}

async function h264(width: number, height: number, framesPerSecond: number): Promise<CodecContext> {
  const codec = Codec.findEncoderByName("libx264" as never);
  if (!codec) throw new Error("node-av came without an encoder of H.264");
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  Object.assign(encoder, { width, height, pixelFormat: AV_PIX_FMT_YUV420P, gopSize: framesPerSecond * 5 });
  encoder.timeBase = new Rational(1, framesPerSecond);
  encoder.framerate = new Rational(framesPerSecond, 1);
  encoder.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  const how = Dictionary.fromObject({ preset: "veryfast", crf: "20", profile: "high" });
  checked(await encoder.open2(codec, how), "the encoder");
  return encoder;
}
