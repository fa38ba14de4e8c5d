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
    /** On the school's host: where a plain form goes afterwards. */
    redirect: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .optional(),
  }),
  async ({ redirect }): Promise<Storage.Upload & { logoId: string }> => {
    const logoId = createId("asset");
    const upload = await Storage.presignUpload({
      bucket: "media",
      keyPrefix: waitingKey(logoId),
      fileName: Storage.fromBrowser,
      contentTypes: [...Storage.imageTypes],
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
 * same. Refusals: logo.not_uploaded, logo.not_a_picture.
 */
export const confirmLogo = fn(
  "school.brand",
  z.object({ logoId: z.string().regex(idPattern("asset"), "That is not an upload.") }),
  async ({ logoId }): Promise<Route> => {
    const key = Storage.key("brand", logoId);
    const school = useSchool();
    if (school.brand.logo === key) return school;
    const [waiting] = await Storage.list({ prefix: `${waitingKey(logoId)}/`, limit: 1 });
    if (!waiting)
      throw new DomainError("not_found", "logo.not_uploaded", "That file has not arrived. Please upload it again.");
    const file = waiting.bytes > maxBytes ? undefined : await Storage.get({ key: waiting.key });
    const contentType = file && (await Storage.typeOf(file.body.subarray(0, Storage.sniffBytes), waiting.key));
    if (!file || !Storage.imageTypes.some((type) => type === contentType)) {
      await Storage.remove({ key: waiting.key });
      const message = "A logo must be a PNG, JPEG, WebP, AVIF or GIF picture of at most 512 KB.";
      throw new DomainError("invalid", "logo.not_a_picture", message, { file: message });
    }
    await Storage.copy({ key: waiting.key, etag: file.etag }, { key, contentType: contentType ?? "" });
    const route = await setBrand({ logo: key });
    await Storage.remove({ key: waiting.key });
    return route;
  },
);
