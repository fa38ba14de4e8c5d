import type { Tree } from "../../archive/index.ts";
import { checkLessons } from "../limits.ts";
import type { ReportBook } from "../report.ts";
import type { Canvas } from "./canvas.ts";
import { type Content, readContent } from "./contents.ts";
import type { Item, Manifest, Resource } from "./manifest.ts";

/** A lesson with its place, before its links are known. */
export interface Planned {
  readonly title: string;
  readonly content: Content;
  readonly resource: Resource;
  /** Unique: a page in two places is two lessons. */
  readonly key: string;
  readonly isDraft: boolean;
}

export interface PlannedModule {
  readonly title: string;
  readonly lessons: Planned[];
}

export interface Plan {
  readonly modules: readonly PlannedModule[];
  /** Key of the first lesson made from a resource. */
  readonly lessonOf: ReadonlyMap<string, string>;
  /** Returns the key of an item's lesson, or of a module's first lesson. */
  readonly lessonOfItem: ReadonlyMap<string, string>;
  /** Files that the report already lists. */
  readonly told: ReadonlySet<string>;
}

/** Puts the resources of a cartridge in the order of its organization; resources outside all items follow later. */
export class Planner {
  readonly #tree: Tree;
  readonly #manifest: Manifest;
  readonly #canvas: Canvas;
  readonly #report: ReportBook;
  readonly #path: (named: string) => string | undefined;
  readonly modules: PlannedModule[] = [];
  readonly lessonOf = new Map<string, string>();
  readonly lessonOfItem = new Map<string, string>();
  readonly told = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #times = new Map<string, number>();

  constructor(
    tree: Tree,
    manifest: Manifest,
    canvas: Canvas,
    report: ReportBook,
    path: (named: string) => string | undefined,
  ) {
    this.#tree = tree;
    this.#manifest = manifest;
    this.#canvas = canvas;
    this.#report = report;
    this.#path = path;
  }

  /** Top items with children are modules; pages at the top share one module. */
  async organise(courseTitle: string): Promise<void> {
    let loose: PlannedModule | undefined;
    for (const item of this.#manifest.items) {
      if (item.children.length === 0 && item.resourceId !== undefined) {
        if (!loose) {
          loose = { title: courseTitle, lessons: [] };
          this.modules.push(loose);
        }
        await this.#add(item, loose);
        continue;
      }
      const module: PlannedModule = { title: item.title || `Module ${this.modules.length + 1}`, lessons: [] };
      this.modules.push(module);
      if (item.resourceId !== undefined) await this.#add(item, module);
      await this.#flatten(item.children, module);
      const [first] = module.lessons;
      if (first) this.lessonOfItem.set(item.id, first.key);
    }
    for (let i = this.modules.length - 1; i >= 0; i--) {
      const module = this.modules[i];
      if (!module || module.lessons.length > 0) continue;
      this.modules.splice(i, 1);
      this.#report.dropped(module.title, "the outline", "a module without anything that became a lesson");
    }
  }

  isRefused(resource: Resource): boolean {
    return this.#refused.has(resource.id);
  }

  async #flatten(items: readonly Item[], module: PlannedModule): Promise<void> {
    for (const item of items) {
      if (item.resourceId !== undefined) await this.#add(item, module);
      else if (item.children.length === 0) this.#withoutResource(item, module);
      else
        this.#report.changed(item.title, module.title, "a heading inside its module; its pages follow in their order");
      await this.#flatten(item.children, module);
    }
  }

  #withoutResource(item: Item, module: PlannedModule): void {
    this.#report.dropped(item.title || "An item without title", module.title, "a heading without a page");
  }

  async #add(item: Item, module: PlannedModule): Promise<void> {
    const resource = this.resource(item.resourceId ?? "");
    const meta = this.#canvas.items.get(item.id) ?? this.#canvas.items.get(item.resourceId ?? "");
    if (!resource) {
      const reason = /ExternalTool/.test(meta?.type ?? "")
        ? "a link to an outside tool (LTI) needs that tool; tools come in a later release"
        : "the package has nothing for this item";
      this.#report.dropped(item.title || (item.resourceId ?? ""), module.title, reason);
      return;
    }
    await this.addResource(resource, module, { item, isDraft: meta?.isDraft ?? false });
  }

  /** Another form of a resource stands for the resource itself. */
  resource(id: string): Resource | undefined {
    const found = this.#manifest.resources.get(id);
    const original = found?.variantOf === undefined ? undefined : this.#manifest.resources.get(found.variantOf);
    return original ?? found;
  }

  async addResource(
    resource: Resource,
    module: PlannedModule,
    { item, isDraft }: { item?: Item; isDraft: boolean },
  ): Promise<void> {
    checkLessons(this.#keys.size + 1);
    const content = await readContent(this.#tree, resource, this.#path);
    if ("reason" in content) {
      const main = resource.href === undefined ? undefined : this.#path(resource.href);
      if (main) this.told.add(main);
      if (this.#refused.has(resource.id)) return;
      this.#refused.add(resource.id);
      this.#report.dropped(
        item?.title || content.title,
        item ? `${module.title}: ${main ?? resource.id}` : (main ?? resource.id),
        content.reason,
      );
      return;
    }
    const title = item?.title || content.title;
    const key = this.#keyFor(content.path);
    if (key !== content.path)
      this.#report.changed(title, module.title, "it is used in more than one place, so there is a copy in each");
    module.lessons.push({ title, content, resource, key, isDraft: isDraft || content.isDraft });
    if (!this.lessonOf.has(resource.id)) this.lessonOf.set(resource.id, key);
    if (item) this.lessonOfItem.set(item.id, key);
    this.told.add(content.path);
    for (const used of content.used) this.told.add(used);
    this.#report.moved(content.path, `${module.title} › ${title}`, `became a ${words[content.format]}`);
    for (const used of content.used) this.#report.moved(used, `${module.title} › ${title}`, "read for the lesson");
  }

  #keyFor(path: string): string {
    const times = (this.#times.get(path) ?? 0) + 1;
    this.#times.set(path, times);
    const key = times === 1 ? path : `${path}#${times}`;
    this.#keys.add(key);
    return key;
  }
}

const words = {
  html: "lesson",
  markdown: "lesson",
  discussion: "discussion lesson",
  link: "link lesson",
  file: "file lesson",
} as const;
