import { AV_PIX_FMT_YUV420P, type AVPixelFormat, SWS_BICUBIC } from "node-av/constants";
import { Codec, CodecContext, FFmpegError, Frame, Packet, SoftwareScaleContext } from "node-av/lib";

export interface Point {
  readonly x: number;
  readonly y: number;
  /** From 0 to 1 while a click effect fades. */
  readonly press: number;
}

/** Composes a film's frame: the camera's picture, the caption below it, the pointer on top. */
export class Canvas implements Disposable {
  readonly #camera: Picture;
  readonly #strip: Picture | undefined;
  readonly #whole: Frame;
  readonly #top: number;

  constructor(width: number, height: number, stripHeight: number) {
    this.#top = height - stripHeight;
    this.#camera = new Picture(width, this.#top);
    this.#strip = stripHeight > 0 ? new Picture(width, stripHeight) : undefined;
    this.#whole = emptyFrame(width, height);
  }

  /** Returns the frame of a moment; omitted parts stay unchanged. The frame is valid until the next call. */
  async draw(camera: Buffer | undefined, strip: Buffer | undefined, pointer: Point | undefined): Promise<Frame> {
    if (camera) await this.#camera.show(camera);
    if (strip) await this.#strip?.show(strip);
    FFmpegError.throwIfError(this.#whole.makeWritable(), "room for a frame");
    copy(this.#camera.frame, this.#whole, 0);
    if (this.#strip) copy(this.#strip.frame, this.#whole, this.#top);
    if (pointer && pointer.y < this.#top) point(this.#whole, pointer);
    return this.#whole;
  }

  [Symbol.dispose](): void {
    this.#camera[Symbol.dispose]();
    this.#strip?.[Symbol.dispose]();
    this.#whole.free();
  }
}

function emptyFrame(width: number, height: number): Frame {
  const frame = new Frame();
  frame.alloc();
  Object.assign(frame, { width, height, format: AV_PIX_FMT_YUV420P });
  FFmpegError.throwIfError(frame.getBuffer(), "room for a frame");
  for (const [at, plane] of (frame.data ?? []).entries()) plane.fill(at === 0 ? 235 : 128); // paper white
  return frame;
}

class Picture implements Disposable {
  readonly frame: Frame;
  readonly #decoder = new CodecContext();
  readonly #decoded = new Frame();
  readonly #packet = new Packet();
  readonly #size: readonly [width: number, height: number];
  #scaler: SoftwareScaleContext | undefined;
  #from = "";

  constructor(width: number, height: number) {
    this.#size = [width, height];
    this.frame = emptyFrame(width, height);
    this.#decoded.alloc();
    this.#packet.alloc();
  }

  async show(jpeg: Buffer): Promise<void> {
    if (!this.#decoder.isOpen) {
      const codec = Codec.findDecoderByName("mjpeg" as never);
      if (!codec) throw new Error("node-av came without a decoder of JPEG");
      this.#decoder.allocContext3(codec);
      FFmpegError.throwIfError(await this.#decoder.open2(codec), "the pictures' decoder");
    }
    this.#packet.data = jpeg;
    FFmpegError.throwIfError(await this.#decoder.sendPacket(this.#packet), "a picture");
    FFmpegError.throwIfError(await this.#decoder.receiveFrame(this.#decoded), "a picture");
    FFmpegError.throwIfError(await this.#scalerOf(this.#decoded).scaleFrame(this.frame, this.#decoded), "a picture");
    this.#decoded.unref();
  }

  #scalerOf({ width, height, format }: Frame): SoftwareScaleContext {
    const from = `${width} ${height} ${format}`;
    if (!this.#scaler || from !== this.#from) {
      this.#scaler?.[Symbol.dispose]();
      this.#scaler = new SoftwareScaleContext();
      this.#scaler.getContext(width, height, format as AVPixelFormat, ...this.#size, AV_PIX_FMT_YUV420P, SWS_BICUBIC);
      this.#from = from;
    }
    return this.#scaler;
  }

  [Symbol.dispose](): void {
    for (const each of [this.#packet, this.#decoded, this.frame]) each.free();
    this.#decoder.freeContext();
    this.#scaler?.[Symbol.dispose]();
  }
}

/** Copies a frame into a taller one of the same width, from this row on. */
function copy(from: Frame, to: Frame, row: number): void {
  const [sources, targets] = [from.data ?? [], to.data ?? []];
  for (const [plane, source] of sources.entries()) {
    const target = targets[plane];
    const [width, rows, first] =
      plane === 0 ? [from.width, from.height, row] : [from.width / 2, from.height / 2, row / 2];
    const [stride = 0, into = 0] = [from.linesize[plane], to.linesize[plane]];
    if (!target) continue;
    for (let y = 0; y < rows; y += 1) source.copy(target, (first + y) * into, y * stride, y * stride + width);
  }
}

const radius = 9;

/** Draws the pointer: a dark disc with a light rim, and a growing ring during a click. */
function point(frame: Frame, { x, y, press }: Point): void {
  const [luma, blue, red] = frame.data ?? [];
  const [stride = 0, chroma = 0] = frame.linesize;
  if (!luma || !blue || !red) return;
  const ring = press > 0 ? radius + 5 + (1 - press) * 14 : 0;
  const reach = Math.ceil(Math.max(radius + 3, ring + 3));
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) {
      const [px, py] = [Math.round(x) + dx, Math.round(y) + dy];
      if (px < 0 || py < 0 || px >= frame.width || py >= frame.height) continue;
      const far = Math.hypot(dx, dy);
      const inside = clamp(radius - far + 0.5);
      const rim = clamp(2.2 - Math.abs(far - radius - 1));
      const wave = ring > 0 ? clamp(1.8 - Math.abs(far - ring)) * press : 0;
      const dark = Math.max(inside * 0.8, wave * 0.8);
      const at = py * stride + px;
      const before = luma[at] ?? 0;
      luma[at] = Math.round(
        (before * (1 - dark) + 60 * dark) * (1 - rim * 0.9 * (1 - inside)) + 235 * rim * 0.9 * (1 - inside),
      );
      if (dark > 0.4 && px % 2 === 0 && py % 2 === 0) {
        const half = (py / 2) * chroma + px / 2;
        blue[half] = 140;
        red[half] = 150;
      }
    }
  }
}

const clamp = (value: number): number => Math.max(0, Math.min(1, value));
