import type { Removed } from "../html/index.ts";
import type { Report, ReportItem } from "./types.ts";

/** Collects what became of everything in a package. */
export class ReportBook {
  readonly #moved: ReportItem[] = [];
  readonly #changed: ReportItem[] = [];
  readonly #dropped: ReportItem[] = [];
  readonly #missing = new Map<string, { kind: "link" | "image"; targets: Set<string> }>();

  moved(what: string, where: string, reason: string): void {
    this.#moved.push({ what, where, reason });
  }
  changed(what: string, where: string, reason: string): void {
    this.#changed.push({ what, where, reason });
  }
  dropped(what: string, where: string, reason: string): void {
    this.#dropped.push({ what, where, reason });
  }

  /** A page points at something that the package does not hold. */
  missing(target: string, page: string, kind: "link" | "image"): void {
    const key = `${kind} ${page}`;
    const entry = this.#missing.get(key) ?? { kind, targets: new Set() };
    entry.targets.add(target);
    this.#missing.set(key, entry);
  }

  /** What the sanitiser took out of a page, in one line. */
  cleaned(title: string, page: string, removed: readonly Removed[]): void {
    if (removed.length === 0) return;
    const list = removed.map(({ what, count }) => `${count} × ${what}`).join(", ");
    this.changed(title, page, `only reading material is taken over; taken out: ${list}`);
  }

  /** Reports unused files at the end: each by name, or the folder where it contains very many. */
  leftOver(paths: readonly string[], reason: (path: string) => string): void {
    const byFolder = Map.groupBy(paths, (path) => `${reason(path)}\n${path.split("/").slice(0, -1).join("/")}`);
    for (const [key, files] of byFolder) {
      const folder = key.slice(key.indexOf("\n") + 1);
      const [first] = files;
      if (first === undefined) continue;
      if (files.length > 200)
        this.dropped(`${folder}/ (${files.length.toLocaleString("en")} files)`, folder, reason(first));
      else for (const path of files) this.dropped(path, folder === "" ? "top folder" : folder, reason(path));
    }
  }

  finish(): Report {
    for (const [key, { kind, targets }] of this.#missing) {
      const page = key.slice(kind.length + 1);
      const reason =
        kind === "image"
          ? "image not in the package; its description took its place"
          : "link to something that is not in the package; its words stay";
      // Reports a long list of the same kind, such as translations, as one line.
      const groups = Map.groupBy(targets, (target) => target.split("/").slice(0, -2).join("/"));
      for (const [folder, group] of groups) {
        if (group.length > 12 && folder !== "") this.dropped(`${folder}/… (${group.length} ${kind}s)`, page, reason);
        else for (const target of group) this.dropped(target, page, reason);
      }
    }
    return { moved: this.#moved, changed: this.#changed, dropped: this.#dropped };
  }
}
