import { createHash, type Hash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { crc32 } from "node:zlib";
import { S3Error } from "./error.ts";

const maxLine = 4096;

/**
 * Decodes an aws-chunked body: `<hex size>[;chunk-signature=...]\r\n<data>\r\n` ... `0\r\n<trailers>\r\n`.
 * Trailing headers go to `trailers`; a truncated body is an error.
 */
export class ChunkDecoder extends Transform {
  readonly trailers = new Map<string, string>();
  #buffer: Buffer = Buffer.alloc(0);
  #left = 0;
  #state: "size" | "data" | "end of data" | "trailer" | "done" = "size";

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#buffer = this.#buffer.length > 0 ? Buffer.concat([this.#buffer, chunk]) : chunk;
    try {
      while (this.#step());
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    // Some clients omit the last empty line.
    const complete = this.#state === "done" || this.#state === "trailer";
    done(complete ? null : new S3Error("IncompleteBody", "The request body terminated unexpectedly"));
  }

  /** Runs one step of the state machine; false when it needs more bytes. */
  #step(): boolean {
    if (this.#state === "data") {
      if (this.#buffer.length === 0) return false;
      const data = this.#buffer.subarray(0, this.#left);
      this.push(data);
      this.#buffer = this.#buffer.subarray(data.length);
      this.#left -= data.length;
      if (this.#left === 0) this.#state = "end of data";
      return true;
    }
    if (this.#state === "done") return false;
    const line = this.#line();
    if (line === undefined) return false;
    if (this.#state === "end of data") {
      if (line !== "") throw new S3Error("IncompleteBody", "A chunk is longer than its size says.");
      this.#state = "size";
    } else if (this.#state === "size") {
      const size = /^[0-9a-f]{1,8}(?=;|$)/i.exec(line)?.[0];
      if (size === undefined) throw new S3Error("InvalidRequest", "The chunk size is not valid.");
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? "trailer" : "data";
    } else if (line === "") {
      this.#state = "done";
    } else {
      const colon = line.indexOf(":");
      this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
    return true;
  }

  #line(): string | undefined {
    const end = this.#buffer.indexOf("\r\n");
    if (end < 0) {
      if (this.#buffer.length > maxLine) throw new S3Error("InvalidRequest", "A chunk header is too long.");
      return undefined;
    }
    const line = this.#buffer.toString("latin1", 0, end);
    this.#buffer = this.#buffer.subarray(end + 2);
    return line;
  }
}

export type Claims = (name: string) => string | undefined;

/** Passes a body through and fails at its end when a checksum does not match. */
export class ChecksumCheck extends Transform {
  readonly #claims: Claims;
  readonly #md5: Hash = createHash("md5");
  readonly #sha256: Hash = createHash("sha256");
  #crc32 = 0;
  #size = 0;

  constructor(claims: Claims) {
    super();
    this.#claims = claims;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += chunk.length;
    if (this.#claims("content-md5")) this.#md5.update(chunk);
    this.#sha256.update(chunk);
    this.#crc32 = crc32(chunk, this.#crc32);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc32);
    const sha256 = this.#sha256.digest();
    const differs = (name: string, actual: string) => {
      const claimed = this.#claims(name);
      return claimed !== undefined && claimed !== actual;
    };
    const payload = this.#claims("x-amz-content-sha256");
    if (differs("x-amz-decoded-content-length", String(this.#size))) {
      done(new S3Error("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length."));
    } else if (
      differs("content-md5", this.#md5.digest("base64")) ||
      differs("x-amz-checksum-crc32", bytes.toString("base64")) ||
      differs("x-amz-checksum-sha256", sha256.toString("base64"))
    ) {
      done(new S3Error("BadDigest", "The checksum you specified did not match what we received."));
    } else if (payload && /^[0-9a-f]{64}$/.test(payload) && payload !== sha256.toString("hex")) {
      done(new S3Error("BadDigest", "The provided 'x-amz-content-sha256' does not match what was computed."));
    } else {
      done();
    }
  }
}
