import { DomainError } from "../../kernel/error/index.ts";

/** Limits of an archive or a folder. Sizes are bytes, counted while inflating: a declared size is never trusted. */
export const limits = {
  entries: 20_000,
  totalBytes: 512 * 1024 * 1024,
  fileBytes: 100 * 1024 * 1024,
  /** Inflated to stored, looked at once `ratioFrom` bytes have come out. */
  ratio: 200,
  ratioFrom: 1024 * 1024,
  folders: 32,
  nameBytes: 255,
} as const;

const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MB`;

/** Every refusal of an archive, by its code. Each refuses the whole archive, before anything is written. */
export const refuse = {
  pathEscape: (name: string) =>
    invalid("archive.path_escape", `The archive names a file outside itself: ${shown(name)}. Nothing was imported.`),
  link: (name: string) =>
    invalid("archive.link", `The archive holds a link, ${shown(name)}. Links are not followed; nothing was imported.`),
  tooManyFiles: () =>
    invalid(
      "archive.too_many_files",
      `The archive holds more than ${limits.entries.toLocaleString("en")} files and folders.`,
    ),
  fileTooLarge: (name: string) =>
    invalid("archive.too_large", `${shown(name)} is larger than ${mebibytes(limits.fileBytes)}.`),
  totalTooLarge: () =>
    invalid("archive.too_large", `Unpacked, the archive is larger than ${mebibytes(limits.totalBytes)}.`),
  ratio: (name: string) =>
    invalid(
      "archive.too_large",
      `${shown(name)} unpacks to more than ${limits.ratio} times its size, like a bomb does.`,
    ),
  tooDeep: (name: string) =>
    invalid("archive.too_deep", `${shown(name)} lies more than ${limits.folders} folders deep.`),
  nameTooLong: (name: string) =>
    invalid("archive.name_too_long", `The name ${shown(name)} is longer than ${limits.nameBytes} bytes.`),
  empty: () => invalid("archive.empty", "There is no file in it."),
  corrupt: (why: string) => invalid("archive.corrupt", `The archive is damaged: ${why}.`),
} as const;

const invalid = (code: string, message: string): DomainError => new DomainError("invalid", code, message);

/** Returns a name that is safe to show: hostile ones contain control characters or are very long. */
const shown = (name: string): string => {
  const printable = Array.from(name, (char) => (/[\p{C}\p{Zl}\p{Zp}]/u.test(char) ? "?" : char)).join("");
  return `"${printable.length > 80 ? `${printable.slice(0, 80)}…` : printable}"`;
};
