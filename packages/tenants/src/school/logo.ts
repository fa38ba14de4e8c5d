import type { Readable } from "node:stream";
import { Brand } from "@lectern/core/brand";
import { type Route, useSchool } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { createId, idPattern } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import * as z from "zod";
import { changeBrand } from "./brand.ts";

/** It is fetched with every first visit. */
const maxBytes = 512 * 1024;

const svg = "image/svg+xml";
const uploadTypes = [...Storage.imageTypes, svg] as const;

/** A logo at least this many times as wide as high is taken for a wordmark until its school says otherwise. */
const wordmarkRatio = 2.5;

/** An upload waits here until it is confirmed. Nothing serves this prefix. */
const waitingKey = (logoId: string): string => Storage.key("upload", "brand", logoId);

/** A presigned POST for a logo, valid 15 minutes. Nothing is written here, so a page may ask for one each time. */
export const uploadLogo = fn.any(
  "school.brand",
  z.object({
    /** Known to a script that has the file already. A plain form leaves both out and the browser says them. */
    fileName: z.string().min(1).max(400).optional(),
    contentType: z.string().max(100).optional(),
    /** On the school's host: where a plain form goes afterwards. */
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
 * Makes an uploaded picture the school's logo for light or dark grounds. Its content decides what it is; an SVG is stored
 * as `Brand.cleanSvg` rewrites it. Each has an address of its own, because browsers keep a logo for good; the one before
 * stays for pages that were made a moment ago. Confirming twice answers the same.
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

/** Copies the picture to `key`, which is served, and answers where it is and its width by its height where known. */
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

/** By the header every PNG begins with: two numbers of four bytes. */
function ratioOfPng(body: Uint8Array): number | undefined {
  if (body.length < 24) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  return view.getUint32(16) / view.getUint32(20) || undefined;
}

/**
 * The logo as it arrives from storage, for everyone. Whatever the directory names, only a confirmed file leaves: its key,
 * its size and its type are checked before a byte of it is sent. The caller reads the body to its end or destroys it.
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
