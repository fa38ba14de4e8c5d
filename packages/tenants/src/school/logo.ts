import { type Route, useSchool } from "@lectern/core/kernel/actor";
import { DomainError } from "@lectern/core/kernel/error";
import { fn } from "@lectern/core/kernel/fn";
import { createId, idPattern } from "@lectern/core/kernel/id";
import { Storage } from "@lectern/core/kernel/storage";
import * as z from "zod";
import { setBrand } from "./brand.ts";

/** It is fetched with every first visit. */
const maxBytes = 512 * 1024;

/** An upload waits here until it is confirmed. Nothing serves this prefix. */
const waitingKey = (logoId: string): string => Storage.key("upload", "brand", logoId);

/** A presigned POST for a logo, valid 15 minutes. Nothing is written here, so a page may ask for one each time. */
export const uploadLogo = fn(
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
    const known = Storage.imageTypes.find((type) => type === contentType);
    if (contentType && !known) throw notAPicture("contentType");
    const logoId = createId("asset");
    const upload = await Storage.presignUpload({
      bucket: "media",
      keyPrefix: waitingKey(logoId),
      fileName: fileName ? Storage.safeFileName(fileName) : Storage.fromBrowser,
      contentTypes: known ? [known] : [...Storage.imageTypes],
      maxBytes,
      isWaiting: true,
      ...(redirect && { redirect }),
    });
    return { ...upload, logoId };
  },
);

/**
 * Makes an uploaded picture the school's logo. What it is, its content says. Each has an address of its own, because
 * browsers keep a logo for good; the one before stays for pages that were made a moment ago. Confirming twice answers the
 * same. Refusals: logo.not_uploaded, logo.too_large, logo.not_a_picture.
 */
export const confirmLogo = fn(
  "school.brand",
  z.object({ logoId: z.string().regex(idPattern("asset"), "That is not an upload.") }),
  async ({ logoId }): Promise<Route> => {
    const key = Storage.key("brand", logoId);
    const school = useSchool();
    if (school.brand.logo === key) return school;
    const [waiting] = await Storage.list({ prefix: `${waitingKey(logoId)}/`, limit: 1 });
    if (!waiting) throw notUploaded();
    if (waiting.bytes > maxBytes) {
      await Storage.remove({ key: waiting.key });
      const message = `A logo may have ${maxBytes / 1024} KB at most.`;
      throw new DomainError("too_large", "logo.too_large", message, { file: message });
    }
    const file = await Storage.get({ key: waiting.key });
    if (!file) throw notUploaded();
    const sniffed = await Storage.typeOf(file.body.subarray(0, Storage.sniffBytes), waiting.key);
    const contentType = Storage.imageTypes.find((type) => type === sniffed);
    if (!contentType) {
      await Storage.remove({ key: waiting.key });
      throw notAPicture("file");
    }
    await Storage.copy({ key: waiting.key, etag: file.etag }, { key, contentType });
    const route = await setBrand({ logo: key });
    await Storage.remove({ key: waiting.key });
    return route;
  },
);

const notUploaded = (): DomainError =>
  new DomainError("not_found", "logo.not_uploaded", "That file has not arrived. Please upload it again.");

const notAPicture = (field: string): DomainError => {
  const message = "A logo must be a PNG, JPEG, WebP, AVIF or GIF picture of at most 512 KB.";
  return new DomainError("invalid", "logo.not_a_picture", message, { [field]: message });
};
