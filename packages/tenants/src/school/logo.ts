import type { Readable } from "node:stream";
import { Brand } from "@lectern/core/house/brand";
import { type Route, useSchool } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { createId, idPattern } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import * as z from "zod";
import { changeBrand } from "./brand.ts";

/** Every first visit fetches it. */
const maxBytes = 512 * 1024;

const svg = "image/svg+xml";
const uploadTypes = [...Storage.imageTypes, svg] as const;

/** A wider logo counts as containing the school's name until the school says otherwise. */
const wordmarkRatio = 2.5;

/** Returns the key of an unconfirmed upload; nothing serves this prefix. */
const waitingKey = (logoId: string): string => Storage.key("upload", "brand", logoId);

/** A presigned POST for a logo, valid 15 minutes. Nothing is written here, so a page may ask for one each time. */
export const uploadLogo = fn.any(
  "school.brand",
  z.object({
    /** Scripts know the file; plain forms omit both and the browser sends them. */
    fileName: z.string().min(1).max(400).optional(),
    contentType: z.string().max(100).optional(),
    /** Address on the school's host to which S3 redirects a plain form. */
    redirect: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .optional(),
  }),
  async ({ fileName, contentType, redirect }): Promise<Storage.Upload & { logoId: string }> => {
    const known = uploadTypes.find((type) => type === contentType);
    if (contentType && !known) throw notAPicture("contentType");
    const logoId = createId("asset");
    const upload = await Storage.presignUpload({
      bucket: "media",
      keyPrefix: waitingKey(logoId),
      fileName: fileName ? Storage.safeFileName(fileName) : Storage.fromBrowser,
      contentTypes: known ? [known] : [...uploadTypes],
      maxBytes,
      isWaiting: true,
      ...(redirect && { redirect }),
    });
    return { ...upload, logoId };
  },
);

/**
 * Makes an uploaded picture the logo for light or dark backgrounds. It detects the type from the content and stores
 * SVGs as `Brand.cleanSvg` rewrites them. Each logo has its own address, because browsers cache it forever; the
 * previous one stays for cached pages. Idempotent.
 * @throws logo.not_uploaded, logo.too_large, logo.not_a_picture, logo.svg_refused
 */
export const confirmLogo = fn.any(
  "school.brand",
  z.object({
    logoId: z.string().regex(idPattern("asset"), "That is not an upload."),
    ground: z.enum(["light", "dark"]).default("light"),
  }),
  async ({ logoId, ground }): Promise<Route> => {
    const key = Storage.key("brand", logoId);
    const school = useSchool();
    const field = ground === "dark" ? "logoDark" : "logo";
    if ([key, `${key}.svg`].includes(school.brand[field] ?? "")) return school;
    const [waiting] = await Storage.list({ prefix: `${waitingKey(logoId)}/`, limit: 1 });
    if (!waiting) throw notUploaded();
    const remove = () => Storage.remove({ key: waiting.key });
    const { key: stored, ratio } = await store(waiting, key).catch(async (error: unknown) => {
      if (error instanceof DomainError && ["invalid", "too_large"].includes(error.kind)) await remove();
      throw error;
    });
    const isKnown = ground === "light" && ratio !== undefined;
    const route = await changeBrand({ [field]: stored, ...(isKnown && { logoHasName: ratio >= wordmarkRatio }) });
    await remove();
    return route;
  },
);

/** Copies the picture to the served `key`. Returns its place and, where known, its aspect ratio. */
async function store(
  { key: from, bytes }: { readonly key: string; readonly bytes: number },
  key: string,
): Promise<{ key: string; ratio: number | undefined }> {
  if (bytes > maxBytes) throw tooLarge();
  const file = await Storage.get({ key: from });
  if (!file) throw notUploaded();
  const sniffed = await Storage.typeOf(file.body.subarray(0, Storage.sniffBytes), from);
  if (sniffed === svg) {
    const clean = await Brand.cleanSvg(file.body);
    await Storage.put({ key: `${key}.svg`, body: clean.svg, contentType: svg });
    return { key: `${key}.svg`, ratio: clean.ratio };
  }
  const contentType = Storage.imageTypes.find((type) => type === sniffed);
  if (!contentType) throw notAPicture("file");
  await Storage.copy({ key: from, etag: file.etag }, { key, contentType });
  return { key, ratio: contentType === "image/png" ? ratioOfPng(file.body) : undefined };
}

/** Reads width and height from the PNG header, four bytes each. */
function ratioOfPng(body: Uint8Array): number | undefined {
  if (body.length < 24) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return view.getUint32(16) / view.getUint32(20) || undefined;
}

/**
 * Returns the logo as a stream. It checks key, size and type before the first byte, so that a wrong directory entry
 * cannot expose another file. The caller reads the body to its end or destroys it.
 * @throws brand.no_logo
 */
export const readLogo = fn.any(
  "school.read",
  z.object({
    /** The `v` of the logo's address. */
    version: z.string().max(100).nullable().default(null),
  }),
  async ({ version }): Promise<{ contentType: string; bytes: number; body: Readable }> => {
    const key = Brand.logoKey(useSchool(), version);
    const head = key ? await Storage.head({ key }) : undefined;
    const contentType = uploadTypes.find((type) => type === head?.contentType);
    const isSound = head && head.bytes <= maxBytes && contentType && (contentType === svg) === Brand.isVector(key);
    const file = key && isSound ? await Storage.stream({ key }) : undefined;
    if (!file || !contentType) throw new DomainError("not_found", "brand.no_logo", "This school has no logo.");
    return { contentType, bytes: file.bytes, body: file.body };
  },
);

const tooLarge = (): DomainError => {
  const message = `A logo may have ${maxBytes / 1024} KB at most.`;
  return new DomainError("too_large", "logo.too_large", message, { file: message });
};

const notUploaded = (): DomainError =>
  new DomainError("not_found", "logo.not_uploaded", "That file has not arrived. Please upload it again.");

const notAPicture = (field: string): DomainError => {
  const message = "A logo must be a PNG, JPEG, WebP, AVIF, GIF or SVG picture of at most 512 KB.";
  return new DomainError("invalid", "logo.not_a_picture", message, { [field]: message });
};
