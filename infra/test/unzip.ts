import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";

/** Unpacks a zip without a system program, which minimal machines lack. */
export async function unzip(file: string, folder: string): Promise<void> {
  const zip = await openPromise(file, { lazyEntries: true });
  for await (const entry of zip.eachEntry()) {
    const target = path.join(folder, entry.fileName);
    await mkdir(entry.fileName.endsWith("/") ? target : path.dirname(target), { recursive: true });
    if (!entry.fileName.endsWith("/"))
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(target));
  }
}
