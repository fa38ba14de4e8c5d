import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { type Encoding, encodingOf } from "./compress.ts";

interface Asset {
  body: Buffer;
  type: string;
  etag: string;
  cacheControl: string;
  compressed: Map<Encoding, Promise<Buffer>>;
}

const types: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".txt": "text/plain; charset=utf-8",
  ".xml": "application/xml; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".avif": "image/avif",
  ".ico": "image/x-icon",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm",
  ".pdf": "application/pdf",
};
const compressible = /^(text\/|application\/(json|manifest\+json|xml|wasm)|image\/svg\+xml|font\/ttf)/;

export class StaticFiles {
  readonly #assets = new Map<string, Asset>();

  constructor(folder: string) {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || entry.name.startsWith(".")) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join("/")}`;
      const body = readFileSync(file);
      this.#assets.set(path, {
        body,
        type: types[extname(file).toLowerCase()] ?? "application/octet-stream",
        etag: createHash("sha256").update(body).digest("base64url").slice(0, 22),
        cacheControl: path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
        compressed: new Map(),
      });
    }
  }

  get count(): number {
    return this.#assets.size;
  }

  /**
   * Serves the path if it is a file; false when it is none. The files are in memory, so a rebuild cannot remove them.
   * Names under /assets/ contain a content hash, so clients may cache them forever.
   */
  async serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    const asset = this.#assets.get(decoded(path));
    if (!asset) return false;
    const compress = compressible.test(asset.type) && asset.body.length > 1024;
    const encoding = compress ? encodingOf(request) : undefined;
    const etag = `"${asset.etag}${encoding ? `-${encoding}` : ""}"`;
    response.setHeader("content-type", asset.type);
    response.setHeader("cache-control", asset.cacheControl);
    response.setHeader("etag", etag);
    response.setHeader("x-content-type-options", "nosniff");
    if (compress) response.setHeader("vary", "Accept-Encoding");
    if (request.headers["if-none-match"]?.split(/,\s*/).includes(etag)) {
      response.writeHead(304).end();
      return true;
    }
    if (encoding) response.setHeader("content-encoding", encoding);
    const body = encoding ? await packed(asset, encoding) : asset.body;
    response.setHeader("content-length", body.length);
    response.writeHead(200).end(request.method === "HEAD" ? undefined : body);
    return true;
  }
}

function packed(asset: Asset, encoding: Encoding): Promise<Buffer> {
  const known = asset.compressed.get(encoding);
  if (known) return known;
  const made =
    encoding === "br"
      ? promisify(brotliCompress)(asset.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      : promisify(gzip)(asset.body, { level: 9 });
  asset.compressed.set(encoding, made);
  return made;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
