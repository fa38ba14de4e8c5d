import { sniffBytes, typeOf } from "../../kernel/storage/media-type.ts";
import type { Tree } from "../archive/index.ts";
import { fileNameOf, PathIndex } from "./paths.ts";
import type { ReportBook } from "./report.ts";
import type { PackageAsset } from "./types.ts";

/** Which files of a package its lessons use. */
export class AssetBook {
  readonly #tree: Tree;
  readonly #index: PathIndex;
  readonly #paths: readonly string[];
  readonly #actual: (path: string) => string;
  readonly #users = new Map<string, Set<string>>();

  constructor(tree: Tree, paths: readonly string[], actual: (path: string) => string) {
    this.#tree = tree;
    this.#paths = paths;
    this.#index = new PathIndex(paths);
    this.#actual = actual;
  }

  /** Marks a file as used by a page and returns its true path; undefined when the package has no such file. */
  use(path: string, page: string): string | undefined {
    const found = this.#index.find(path);
    if (found === undefined) return undefined;
    const users = this.#users.get(found) ?? new Set();
    this.#users.set(found, users.add(page));
    return found;
  }

  isUsed(path: string): boolean {
    return this.#users.has(path);
  }

  unused(): string[] {
    return this.#paths.filter((path) => !this.#users.has(path));
  }

  /** Returns the used files with their types, and reports each that is not in `told`. */
  async finish(report: ReportBook, told: ReadonlySet<string> = new Set()): Promise<PackageAsset[]> {
    const sizes = new Map(this.#tree.entries.map((entry) => [entry.path, entry.bytes]));
    const assets: PackageAsset[] = [];
    for (const [path, users] of [...this.#users].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const actual = this.#actual(path);
      const read = () => this.#tree.read(actual);
      const head = (await read()).subarray(0, sniffBytes);
      const contentType = await typeOf(head, fileNameOf(path));
      assets.push({ path, contentType, bytes: sizes.get(actual) ?? 0, read });
      if (told.has(path)) continue;
      const [first, ...others] = users;
      const where = others.length === 0 ? `${first}` : `${first} and ${others.length} more`;
      report.moved(path, where, contentType.startsWith("image/") ? "a picture of a lesson" : "a file of a lesson");
    }
    return assets;
  }
}
