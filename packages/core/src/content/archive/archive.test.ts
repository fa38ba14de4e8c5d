import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { extraField, type ZipEntry, type ZipOptions, zipBytes } from "../testing/zip-bytes.ts";
import { memoryTree, openFolder, openTree, openZip } from "./index.ts";

const MB = 1024 * 1024;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lectern-archive-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const page: ZipEntry = { name: "README.md", content: "# A course\n" };
const zip = (entries: readonly ZipEntry[], options?: ZipOptions) => () => zipBytes([page, ...entries], options);
const symlinkMode = (0o120777 << 16) >>> 0;

const unicodePath = (raw: string, other: string): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(1, 0);
  head.writeUInt32LE(crc32(raw), 1);
  return extraField(0x7075, Buffer.concat([head, Buffer.from(other)]));
};

const asiLink = (): Buffer => {
  const data = Buffer.alloc(14);
  data.writeUInt16LE(0o120777, 4);
  return extraField(0x756e, data);
};

const zeros = (size: number): Buffer => deflateRawSync(Buffer.alloc(size), { level: 9 });

/** The overlapping bomb: many directory entries that all point at one local header. */
const overlapping = (): Buffer => {
  const content = Buffer.alloc(MB - 1);
  const kernel: ZipEntry = { name: "kernel", content };
  const packed = deflateRawSync(content);
  return zipBytes([
    kernel,
    ...Array.from({ length: 50 }, (_, i) => ({
      name: `kernel${i}`,
      localName: "kernel",
      content,
      packed,
      offset: 0,
      ghost: true,
    })),
  ]);
};

/** Quoted overlap: each file's bytes begin with the local header of the next, as in overlapping zip bombs. */
const quoted = (): Buffer => {
  const inner = zipBytes([{ name: "b", content: "b".repeat(100), store: true }]).subarray(0, 131);
  return zipBytes([
    { name: "a", content: inner, store: true },
    { name: "b", content: "b".repeat(100), store: true, offset: 31, ghost: true },
  ]);
};

const hostile: readonly [name: string, code: string, bytes: () => Buffer][] = [
  ["a step up", "archive.path_escape", zip([{ name: "../evil.md" }])],
  ["a step up further on", "archive.path_escape", zip([{ name: "a/b/../../../evil.md" }])],
  ["a step up that stays inside", "archive.path_escape", zip([{ name: "a/../b.md" }])],
  ["two dots alone", "archive.path_escape", zip([{ name: ".." }])],
  ["a folder that steps up", "archive.path_escape", zip([{ name: "a/../../b/" }])],
  ["an absolute path", "archive.path_escape", zip([{ name: "/etc/cron.d/evil" }])],
  ["two leading slashes", "archive.path_escape", zip([{ name: "//server/share/evil" }])],
  ["a drive letter", "archive.path_escape", zip([{ name: "C:/Windows/evil.dll" }])],
  ["a drive letter without slash", "archive.path_escape", zip([{ name: "c:evil.dll" }])],
  ["backslashes up", "archive.path_escape", zip([{ name: "..\\..\\evil.exe" }])],
  ["backslashes inside", "archive.path_escape", zip([{ name: "lessons\\one.md" }])],
  ["a network path", "archive.path_escape", zip([{ name: "\\\\server\\share\\evil" }])],
  ["a NUL in the name", "archive.path_escape", zip([{ name: "evil.md\0.png" }])],
  ["a line break in the name", "archive.path_escape", zip([{ name: "a\nb.md" }])],
  ["an escape sequence in the name", "archive.path_escape", zip([{ name: "\u001b[2J.md" }])],
  ["DEL in the name", "archive.path_escape", zip([{ name: "a\u007f.md" }])],
  ["a C1 control in the name", "archive.path_escape", zip([{ name: "a\u0085b.md" }])],
  ["a second, escaping name", "archive.path_escape", zip([{ name: "a.md", extra: unicodePath("a.md", "../../evil") }])],
  [
    "a step up in the DOS code page",
    "archive.path_escape",
    zip([{ name: Buffer.from("../\x82.md", "latin1"), flags: 0 }]),
  ],
  ["a link", "archive.link", zip([{ name: "link", content: "/etc/passwd", attributes: symlinkMode }])],
  ["a link inside the archive", "archive.link", zip([{ name: "l", content: "README.md", attributes: symlinkMode }])],
  [
    "a link made on macOS",
    "archive.link",
    zip([{ name: "l", content: "x", attributes: symlinkMode, madeBy: 19 << 8 }]),
  ],
  ["a link in an extra field", "archive.link", zip([{ name: "l", content: "x", extra: asiLink() }])],
  ["a reparse point", "archive.link", zip([{ name: "l", content: "x", attributes: 0x400, madeBy: 10 << 8 }])],
  ["a folder that is a link", "archive.link", zip([{ name: "l/", attributes: symlinkMode }])],
  ["a device", "archive.corrupt", zip([{ name: "dev", attributes: (0o020666 << 16) >>> 0 }])],
  ["a pipe", "archive.corrupt", zip([{ name: "pipe", attributes: (0o010666 << 16) >>> 0 }])],
  [
    "20,001 entries",
    "archive.too_many_files",
    () => zipBytes(Array.from({ length: 20_001 }, (_, i) => ({ name: `${i}.md`, store: true }))),
  ],
  [
    "20,001 folders",
    "archive.too_many_files",
    () => zipBytes(Array.from({ length: 20_001 }, (_, i) => ({ name: `${i}/` }))),
  ],
  [
    "a bomb that declares its size",
    "archive.too_large",
    zip([{ name: "bomb.md", packed: zeros(8 * MB), size: 8 * MB, crc: 0 }]),
  ],
  ["a bomb that declares 10 bytes", "archive.too_large", zip([{ name: "bomb.md", packed: zeros(8 * MB), size: 10 }])],
  [
    "a file over 100 MB that packs modestly",
    "archive.too_large",
    () => {
      // Every 400th byte is noise, so the ratio stays below 200.
      const content = Buffer.alloc(101 * MB);
      for (let i = 0; i < content.length; i += 400) content[i] = (i * 2654435761) >>> 24;
      return zipBytes([page, { name: "large.bin", packed: deflateRawSync(content, { level: 1 }), size: 12 }]);
    },
  ],
  [
    "many files that are small alone",
    "archive.too_large",
    () => {
      const packed = zeros(MB);
      return zipBytes(
        Array.from({ length: 40 }, (_, i) => ({ name: `${i}.md`, packed, size: MB, crc: crc32(Buffer.alloc(MB)) })),
      );
    },
  ],
  ["overlapping files", "archive.corrupt", overlapping],
  ["overlapping files under their own names", "archive.corrupt", quoted],
  ["a wrong checksum", "archive.corrupt", zip([{ name: "a.md", content: "text", crc: 1 }])],
  [
    "a wrong checksum of a stored file",
    "archive.corrupt",
    zip([{ name: "a.md", content: "text", store: true, crc: 1 }]),
  ],
  ["a size too large", "archive.corrupt", zip([{ name: "a.md", content: "text", size: 5 }])],
  ["a size too small", "archive.corrupt", zip([{ name: "a.md", content: "text", size: 3 }])],
  ["a packed size behind the end", "archive.corrupt", zip([{ name: "a.md", content: "text", packedSize: 1_000_000 }])],
  ["content that does not inflate", "archive.corrupt", zip([{ name: "a.md", packed: Buffer.from("not deflate") }])],
  [
    "content that is cut off",
    "archive.corrupt",
    zip([{ name: "a.md", packed: deflateRawSync(Buffer.from("text".repeat(99))).subarray(0, 9), size: 396 }]),
  ],
  ["nothing where deflated content should be", "archive.corrupt", zip([{ name: "a.md", packed: Buffer.alloc(0) }])],
  ["a password", "archive.corrupt", zip([{ name: "a.md", content: "secret", flags: 0x801 }])],
  [
    "a password in the local header only",
    "archive.corrupt",
    zip([{ name: "a.md", content: "secret", localFlags: 0x801 }]),
  ],
  ["strong encryption", "archive.corrupt", zip([{ name: "a.md", content: "secret", flags: 0x841 }])],
  ["an encrypted directory", "archive.corrupt", zip([{ name: "a.md", content: "secret", flags: 0x2800 }])],
  ["an unknown method", "archive.corrupt", zip([{ name: "a.md", content: "text", method: 12 }])],
  ["another method in the local header", "archive.corrupt", zip([{ name: "a.md", content: "text", localMethod: 0 }])],
  ["another name in the local header", "archive.corrupt", zip([{ name: "good.md", localName: "evil.md" }])],
  [
    "the same name twice",
    "archive.corrupt",
    zip([
      { name: "a.md", content: "1" },
      { name: "a.md", content: "2" },
    ]),
  ],
  ["names that differ in case", "archive.corrupt", zip([{ name: "Readme.md", content: "other" }])],
  ["names that differ in Unicode form", "archive.corrupt", zip([{ name: "caf\u00e9.md" }, { name: "cafe\u0301.md" }])],
  ["names that differ in compatibility form", "archive.corrupt", zip([{ name: "file.md" }, { name: "\ufb01le.md" }])],
  ["a file where a folder is", "archive.corrupt", zip([{ name: "a/b.md" }, { name: "a", content: "x" }])],
  ["a folder where a file is", "archive.corrupt", zip([{ name: "a", content: "x" }, { name: "a/" }])],
  ["the same name behind a dot", "archive.corrupt", zip([{ name: "./README.md", content: "other" }])],
  ["a folder with content", "archive.corrupt", zip([{ name: "a/", content: "hidden" }])],
  ["a name that is not UTF-8", "archive.corrupt", zip([{ name: Buffer.from([0xff, 0xfe, 0x41]) }])],
  ["no name", "archive.corrupt", zip([{ name: "" }])],
  ["more entries than it says", "archive.corrupt", zip([{ name: "hidden.md" }], { count: 1 })],
  ["fewer entries than it says", "archive.corrupt", zip([{ name: "a.md" }], { count: 9 })],
  ["a local header elsewhere", "archive.corrupt", zip([{ name: "a.md", content: "x", offset: 7 }])],
  ["a local header behind the end", "archive.corrupt", zip([{ name: "a.md", content: "x", offset: 1 << 24 }])],
  ["bytes behind the end", "archive.corrupt", () => Buffer.concat([zipBytes([page]), Buffer.from("tail")])],
  ["bytes before the start", "archive.corrupt", () => Buffer.concat([Buffer.from("head"), zipBytes([page])])],
  ["an extra field cut off", "archive.corrupt", zip([{ name: "a.md", extra: Buffer.from([1, 0, 99, 0]) }])],
  ["a truncated archive", "archive.corrupt", () => zipBytes([page, { name: "b.md" }]).subarray(0, -10)],
  ["half an archive", "archive.corrupt", () => zipBytes([{ name: "b.md", content: "x".repeat(999) }]).subarray(0, 40)],
  ["a name of 256 bytes", "archive.name_too_long", zip([{ name: `${"n".repeat(253)}.md` }])],
  ["a folder of 256 bytes", "archive.name_too_long", zip([{ name: `${"é".repeat(128)}/a.md` }])],
  ["33 folders", "archive.too_deep", zip([{ name: `${"d/".repeat(33)}a.md` }])],
  ["33 empty folders", "archive.too_deep", zip([{ name: "d/".repeat(33) }])],
  ["no entries", "archive.empty", () => zipBytes([])],
  ["folders only", "archive.empty", () => zipBytes([{ name: "a/" }, { name: "a/b/" }])],
];

describe("hostile archives are refused whole, each with its own code", () => {
  test.each(hostile)("%s: %s", async (_, code, bytes) => {
    await expect(openZip(bytes(), "course")).rejects.toMatchObject({ kind: "invalid", code });
  });

  test.each(hostile.filter((_, i) => i % 4 === 0))("%s, from a file: %s", async (name, code, bytes) => {
    const file = join(folder, `${name.replaceAll(/\W/g, "-")}.zip`);
    await writeFile(file, bytes());
    await expect(openTree(file)).rejects.toMatchObject({ code });
  });

  test("there are at least forty kinds", () => expect(hostile.length).toBeGreaterThan(40));

  test.each([0, 1, 2, 3, 5, 8, 13, 21])("garbage of %i bytes behind a zip's first bytes", async (length) => {
    const bytes = Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(length, 0x5a)]);
    await expect(openTree(bytes, "x.zip")).rejects.toMatchObject({ code: "archive.corrupt" });
  });

  test("an empty file called .zip", async () => {
    await expect(openTree(Buffer.alloc(0), "x.zip")).rejects.toMatchObject({ code: "archive.corrupt" });
  });

  // Flips every byte of a small archive: it opens with the same content, or is refused, and never crashes.
  test("one wrong byte anywhere", async () => {
    const good = zipBytes([page, { name: "a/b.md", content: "hello ".repeat(20) }]);
    for (let i = 0; i < good.length; i++) {
      const bytes = Buffer.from(good);
      bytes[i] = (bytes[i] ?? 0) ^ 0xff;
      const outcome = await openZip(bytes, "x").then(
        async (tree) => Promise.all(tree.entries.map(async ({ path }) => (await tree.read(path)).toString())),
        (error: { code?: string }) => error.code ?? error,
      );
      if (typeof outcome === "string") expect(outcome).toMatch(/^archive\./);
      else expect(outcome).toEqual(expect.arrayContaining(["# A course\n"]));
    }
  });
});

describe("ordinary archives open", () => {
  test("stored and deflated files, folders, UTF-8 and old names", async () => {
    const tree = await openZip(
      zipBytes([
        page,
        { name: "a/" },
        { name: "a/b.md", content: "stored", store: true },
        { name: "./c/é.md", content: "dot" },
        { name: "ü.md", content: "no flag", flags: 0 },
        { name: Buffer.from([0x82, 0x2e, 0x6d, 0x64]), content: "cp437", flags: 0 },
        { name: "empty.md", store: true },
        { name: "win.md", content: "windows", madeBy: 0, attributes: 0x20 },
      ]),
      "course",
    );
    expect(tree.entries.map((entry) => entry.path)).toEqual([
      "README.md",
      "a/b.md",
      "c/é.md",
      "empty.md",
      "win.md",
      "é.md",
      "ü.md",
    ]);
    expect((await tree.read("é.md")).toString()).toBe("cp437");
    expect((await tree.read("a/b.md")).toString()).toBe("stored");
    expect((await tree.read("empty.md")).length).toBe(0);
    expect(tree.entries.find((entry) => entry.path === "README.md")?.bytes).toBe(11);
    await tree.close();
  });

  test("exactly at the limits", async () => {
    const tree = await openZip(
      zipBytes([
        { name: `${"d/".repeat(32)}a.md`, content: "deep" },
        { name: `${"n".repeat(252)}.md`, content: "long" },
        ...Array.from({ length: 19_998 }, (_, i) => ({ name: `${i}.md`, store: true })),
      ]),
      "course",
    );
    expect(tree.entries).toHaveLength(20_000);
  });

  test("a ratio of more than 200 below 1 MB", async () => {
    const content = Buffer.alloc(900_000, "a");
    const noise = deflateRawSync(Buffer.from("x"));
    const tree = await openZip(zipBytes([page, { name: "a.txt", content }, { name: "b", content: noise }]), "x");
    expect((await tree.read("a.txt")).length).toBe(900_000);
  });
});

describe("folders obey the same rules", () => {
  const aFolder = async (name: string) => {
    const path = join(folder, name);
    await mkdir(path, { recursive: true });
    return path;
  };

  test("a folder opens, without its history", async () => {
    const path = await aFolder("good");
    await mkdir(join(path, ".git"));
    await writeFile(join(path, ".git/config"), "x");
    await mkdir(join(path, "a"));
    await writeFile(join(path, "a/b.md"), "# B");
    const tree = await openTree(path);
    expect(tree.entries).toEqual([{ path: "a/b.md", bytes: 3 }]);
    expect(tree.skipped).toEqual([{ path: ".git/", reason: expect.stringContaining("history") }]);
    expect(tree.name).toBe("good");
  });

  test("a link", async () => {
    const path = await aFolder("link");
    await symlink("/etc/passwd", join(path, "passwd.md"));
    await expect(openFolder(path)).rejects.toMatchObject({ code: "archive.link" });
  });

  test("a folder that is a link", async () => {
    const path = await aFolder("folder-link");
    await symlink("..", join(path, "up"));
    await expect(openFolder(path)).rejects.toMatchObject({ code: "archive.link" });
  });

  test("a file that becomes a link after it was looked at", async () => {
    const path = await aFolder("race");
    await writeFile(join(path, "a.md"), "x");
    const tree = await openFolder(path);
    await rm(join(path, "a.md"));
    await symlink("/etc/passwd", join(path, "a.md"));
    await expect(tree.read("a.md")).rejects.toMatchObject({ code: "archive.link" });
  });

  test("33 folders", async () => {
    const path = await aFolder("deep");
    await mkdir(join(path, "d/".repeat(33)), { recursive: true });
    await expect(openFolder(path)).rejects.toMatchObject({ code: "archive.too_deep" });
  });

  test("names that differ in case, a backslash, nothing at all", async () => {
    const cased = await aFolder("cased");
    await writeFile(join(cased, "a.md"), "1");
    await writeFile(join(cased, "A.md"), "2");
    await expect(openFolder(cased)).rejects.toMatchObject({ code: "archive.corrupt" });
    const slashed = await aFolder("slashed");
    await writeFile(join(slashed, "a\\b.md"), "1");
    await expect(openFolder(slashed)).rejects.toMatchObject({ code: "archive.path_escape" });
    await expect(openFolder(await aFolder("empty"))).rejects.toMatchObject({ code: "archive.empty" });
  });
});

describe("what a person hands over", () => {
  test("a single page is a tree of one file", async () => {
    const tree = await openTree(Buffer.from("# Hello"), "Hello world.md");
    expect(tree.entries).toEqual([{ path: "Hello world.md", bytes: 7 }]);
    expect(tree.name).toBe("Hello world");
  });

  test("a zip is known by its bytes, not its name", async () => {
    expect((await openTree(zipBytes([page]), "course.bin")).entries).toHaveLength(1);
  });

  test("anything else is refused", async () => {
    await expect(openTree(Buffer.from("%PDF-1.7"), "a.pdf")).rejects.toMatchObject({ code: "package.unknown" });
    await expect(openTree("/nowhere/at/all")).rejects.toMatchObject({ code: "package.not_found" });
  });

  test("files in memory obey the rules too", () => {
    expect(() => memoryTree("x", { "../a.md": "x" })).toThrow(expect.objectContaining({ code: "archive.path_escape" }));
    expect(() => memoryTree("x", {})).toThrow(expect.objectContaining({ code: "archive.empty" }));
  });
});
