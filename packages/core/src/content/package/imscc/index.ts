import { DomainError } from "../../../kernel/error/index.ts";
import type { Tree } from "../../archive/index.ts";
import { hostOf, isExternal, isPictureOfWords } from "../../html/index.ts";
import { escapeAttribute, escapeText } from "../../html/node.ts";
import { isImage } from "../../lesson.ts";
import { countWords, minutesFor, toText } from "../../text.ts";
import { parseXml, refuseDoctype } from "../../xml.ts";
import { AssetBook } from "../assets.ts";
import { rewriteHtml } from "../html-links.ts";
import { encodePath, fileNameOf, PathIndex, resolvePath, titleFromName } from "../paths.ts";
import { ReportBook } from "../report.ts";
import type { Package, PackageLesson, PackageModule } from "../types.ts";
import { type Canvas, readCanvas } from "./canvas.ts";
import { later } from "./contents.ts";
import { changeLinks, type Targets } from "./links.ts";
import { type Manifest, type Resource, readManifest } from "./manifest.ts";
import { type Planned, type PlannedModule, Planner } from "./plan.ts";

/** Returns the cartridge's manifest, in the top folder or in the one folder that wraps everything. */
export const manifestOf = (paths: readonly string[]): string | undefined =>
  paths.find((path) => /^(?:[^/]+\/)?imsmanifest\.xml$/i.test(path));

/** Reads an IMS Common Cartridge, 1.0 to 1.3, as a course. */
export async function readCartridge(tree: Tree, manifestPath: string): Promise<Package> {
  const paths = tree.entries.map((entry) => entry.path);
  const root = parseXml(await tree.read(manifestPath), manifestPath);
  for (const path of paths)
    if (/\.(?:xml|qti)$/i.test(path) && path !== manifestPath) refuseDoctype(await tree.read(path), path);
  const manifest = readManifest(root);
  if (root.name !== "manifest")
    throw new DomainError("invalid", "package.unknown", "Its imsmanifest.xml is no manifest.");
  if (manifest.isScorm)
    throw new DomainError("invalid", "package.unknown", "That is a SCORM package. SCORM comes in a later release.");

  const report = new ReportBook();
  const base = manifestPath.slice(0, manifestPath.length - "imsmanifest.xml".length);
  const index = new PathIndex(paths);
  // Manifests write paths escaped or as they are; both are found.
  const path = (named: string): string | undefined => {
    const whole = resolvePath("", `${base}${named}`);
    return whole === undefined ? undefined : (index.find(whole) ?? index.find(decoded(whole)));
  };
  const canvas = await readCanvas(tree, base);
  const title = manifest.title ?? canvas.title ?? titleFromName(tree.name);
  const planner = new Planner(tree, manifest, canvas, report, path);
  await planner.organise(title);
  const assets = new AssetBook(tree, paths, (asset) => asset);
  const coverPath = coverOf(manifest, canvas, path, assets);
  const targets = targetsOf(planner, manifest, base, path, assets);

  const modules: PackageModule[] = planner.modules.map((module) => ({
    title: module.title,
    lessons: module.lessons.map((lesson) => lessonOf(lesson, targets, report)),
  }));
  const more = await moreMaterial(planner, manifest, targets, report, path);
  if (more.length > 0) modules.push({ title: moreTitle, lessons: more });
  report.changed(manifestPath, title, "it gave the order of the lessons and is no lesson itself");
  const packageAssets = await assets.finish(report, planner.told);
  tellTheRest(planner, manifest, report, path, assets, manifestPath);
  const language = manifest.language ?? canvas.language;
  return {
    kind: "imscc",
    title,
    ...(manifest.description ? { description: manifest.description } : {}),
    ...(language ? { language } : {}),
    ...(coverPath ? { coverPath } : {}),
    modules,
    assets: packageAssets,
    report: report.finish(),
  };
}

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path).normalize("NFC");
  } catch {
    return path;
  }
};

function targetsOf(
  planner: Planner,
  manifest: Manifest,
  base: string,
  path: (named: string) => string | undefined,
  assets: AssetBook,
): Targets {
  const resourceAt = new Map<string, string>();
  for (const resource of manifest.resources.values()) {
    const main = resource.href === undefined ? undefined : path(resource.href);
    const id = planner.resource(resource.id)?.id ?? resource.id;
    if (main !== undefined && !resourceAt.has(main.toLowerCase())) resourceAt.set(main.toLowerCase(), id);
  }
  // Pages outside all items become lessons too, so links to them resolve before they are read.
  const keyOf = (resource: Resource | undefined): string | undefined => {
    if (resource === undefined) return undefined;
    const main = resource.href === undefined ? undefined : path(resource.href);
    return planner.lessonOf.get(resource.id) ?? (becomesLesson(resource, path) ? main : undefined);
  };
  return {
    base,
    assets,
    lessonAtPath: (at) => {
      const resource = planner.resource(resourceAt.get(at.toLowerCase()) ?? "");
      // A link to a file opens the file, although it is a lesson as well.
      return resource?.kind === "file" ? undefined : keyOf(resource);
    },
    lessonById: (id) => planner.lessonOfItem.get(id) ?? keyOf(planner.resource(id)),
    fileById: (id) => {
      const href = manifest.resources.get(id)?.href;
      return href === undefined ? undefined : path(href);
    },
  };
}

/** Is this resource a lesson, wherever the organization puts it? */
function becomesLesson(resource: Resource, path: (named: string) => string | undefined): boolean {
  if (resource.variantOf !== undefined || resource.href === undefined || path(resource.href) === undefined)
    return false;
  if (resource.kind === "associated") return /\.x?html?$/i.test(resource.href);
  return (
    resource.kind === "page" ||
    resource.kind === "discussion" ||
    resource.kind === "assignment" ||
    resource.kind === "weblink"
  );
}

const moreTitle = "More material";

/** Imports resources outside all items: pages first, in the order of the manifest, then the files no page uses. */
async function moreMaterial(
  planner: Planner,
  manifest: Manifest,
  targets: Targets,
  report: ReportBook,
  path: (named: string) => string | undefined,
): Promise<PackageLesson[]> {
  const left = [...manifest.resources.values()].filter(
    (resource) =>
      !planner.lessonOf.has(resource.id) &&
      (resource.variantOf === undefined || planner.resource(resource.id) === resource),
  );
  const pages: PlannedModule = { title: moreTitle, lessons: [] };
  const ordered = [...left.filter(isSyllabus), ...left.filter((other) => !isSyllabus(other))];
  for (const resource of ordered)
    if (resource.kind !== "file" && !isForSoftware(resource))
      await planner.addResource(resource, pages, { isDraft: false });
  const ready = pages.lessons.map((lesson) => lessonOf(lesson, targets, report));
  // Must run last, when the files that pages use are known; the others become lessons.
  const files: PlannedModule = { title: moreTitle, lessons: [] };
  for (const resource of left) {
    const main = resource.href === undefined ? undefined : path(resource.href);
    const isUsed = main !== undefined && (targets.assets.isUsed(main) || /\.(?:css|js|map)$/i.test(main));
    if (resource.kind === "file" && !isUsed) await planner.addResource(resource, files, { isDraft: false });
  }
  return [...ready, ...files.lessons.map((lesson) => lessonOf(lesson, targets, report))];
}

/** Settings and question banks of Canvas itself; `tellTheRest` reports each of their files with its reason. */
const isForSoftware = (resource: Resource): boolean =>
  resource.kind === "associated" && !/\.x?html?$/i.test(resource.href ?? "");

const isSyllabus = (resource: Resource): boolean =>
  resource.intendedUse === "syllabus" || /(?:^|\/)syllabus\.html$/.test(resource.href ?? "");

function lessonOf({ title, content, key, isDraft }: Planned, targets: Targets, report: ReportBook): PackageLesson {
  const common = { title, path: key };
  if (content.format === "link") return { ...common, format: "link", source: content.body, minutes: 1, isDraft };
  if (content.format === "file") {
    const asset = targets.assets.use(content.body, `lesson "${title}"`) ?? content.body;
    return {
      ...common,
      format: "file",
      source: `asset:${encodePath(asset)}`,
      minutes: isImage(asset) ? 1 : 5,
      isDraft,
    };
  }
  const change = changeLinks(content.path, targets, report);
  const attached = content.attachments.map((href) => {
    const name = fileNameOf(decoded(href.split(/[?#]/, 1)[0] ?? ""));
    return `<li><a href="${escapeAttribute(href)}">${escapeText(name)}</a></li>`;
  });
  const body = attached.length === 0 ? content.body : `${content.body}<ul>${attached.join("")}</ul>`;
  const elsewhere = new Set<string>();
  const source = rewriteHtml(
    body,
    (url, kind) => {
      if (kind === "image" && isExternal(url) && !isPictureOfWords(url)) elsewhere.add(hostOf(url) ?? url);
      return change(url, kind);
    },
    (removed) => report.cleaned(title, content.path, removed),
  );
  if (elsewhere.size > 0)
    report.changed(title, content.path, `images stay on other sites: ${[...elsewhere].join(", ")}`);
  const isEmpty = source === "";
  if (isEmpty) report.changed(title, content.path, "it holds no text, so it is a draft until someone writes it");
  else if (isDraft)
    report.changed(title, content.path, "it was not published where it came from, so it is a draft here");
  return {
    ...common,
    format: content.format,
    source,
    minutes: minutesFor(countWords(toText(source))),
    isDraft: isDraft || isEmpty,
  };
}

function coverOf(
  manifest: Manifest,
  canvas: Canvas,
  path: (named: string) => string | undefined,
  assets: AssetBook,
): string | undefined {
  const href = canvas.coverId === undefined ? undefined : manifest.resources.get(canvas.coverId)?.href;
  const found = href === undefined ? undefined : path(href);
  return found !== undefined && /\.(?:png|jpe?g|gif|webp)$/i.test(found)
    ? assets.use(found, "the course's cover")
    : undefined;
}

/** Reports each remaining file with the reason that its resource gives. */
function tellTheRest(
  planner: Planner,
  manifest: Manifest,
  report: ReportBook,
  path: (named: string) => string | undefined,
  assets: AssetBook,
  manifestPath: string,
): void {
  const reasons = new Map<string, string>();
  const missing = new Set<string>();
  for (const resource of manifest.resources.values())
    for (const named of [...resource.files, ...(resource.href ? [resource.href] : [])]) {
      const file = path(named);
      if (file === undefined) {
        if (missing.has(named) || planner.isRefused(resource)) continue;
        missing.add(named);
        report.dropped(named, "imsmanifest.xml", "the manifest names it, but it is not in the package");
        continue;
      }
      if (!reasons.has(file)) reasons.set(file, reasonFor(resource, file, planner));
    }
  const rest = assets.unused().filter((file) => !planner.told.has(file) && file !== manifestPath);
  report.leftOver(
    rest,
    (file) =>
      reasons.get(file) ?? (isSettings(file) ? settings : "the manifest does not name it and no lesson links to it"),
  );
}

const settings = "settings of the system it came from";
const isSettings = (file: string): boolean =>
  /(?:^|\/)course_settings\/|assessment_meta\.xml$|assignment_settings\.xml$/.test(file);

function reasonFor(resource: Resource, file: string, planner: Planner): string {
  if (resource.variantOf !== undefined && planner.lessonOf.has(resource.variantOf))
    return "another form of an assignment that became a lesson";
  if (resource.kind === "quiz" || /\.qti$|assessment_(?:qti|meta)\.xml$/.test(file))
    return `part of a quiz; ${later.quiz}`;
  if (resource.kind === "lti") return later.lti;
  if (resource.kind === "associated") return settings;
  if (/\.(?:css|js|map)$/i.test(file)) return "styles and scripts of pages are not taken over";
  return "no lesson links to this file";
}
