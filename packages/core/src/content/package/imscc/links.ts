import type { Change } from "../../markdown/rewrite.ts";
import type { AssetBook } from "../assets.ts";
import { encodePath, folderOf, isAbsolute, pathOfUrl, resolvePath } from "../paths.ts";
import type { ReportBook } from "../report.ts";

export interface Targets {
  /** Folder of the manifest, with a slash behind it, or "". */
  readonly base: string;
  readonly assets: AssetBook;
  /** Key of the lesson made from a file. */
  readonly lessonAtPath: (path: string) => string | undefined;
  /** Returns the key of the lesson made from a resource, an item, or the first of a module. */
  readonly lessonById: (id: string) => string | undefined;
  /** The file of a resource. */
  readonly fileById: (id: string) => string | undefined;
}

const place = (name: string) => new RegExp(`^.*?(?:\\$|%24)${name}(?:\\$|%24)/?`, "i");
const fileBase = place("(?:IMS[-_]CC[-_]FILEBASE|1EdTech[-_]CC[-_]FILEBASE)");
const wiki = place("WIKI_REFERENCE");
const object = place("CANVAS_(?:OBJECT|COURSE)_REFERENCE");

/** Rewrites the addresses of one page: placeholders of the standard and of Canvas, and relative ones. */
export function changeLinks(from: string, targets: Targets, report: ReportBook): Change {
  return (url, kind) => {
    const raw = url.trim();
    if (raw === "" || raw.startsWith("#")) return undefined;
    const hash = kind === "link" ? (/#.*$/s.exec(raw)?.[0] ?? "") : "";
    const lesson = (key: string | undefined) => (key === undefined ? undefined : `lesson:${encodePath(key)}${hash}`);
    const missing = (what: string): string => {
      report.missing(what, from, kind);
      // The address is invalid, so the text stays and the link goes.
      return "missing:";
    };
    if (fileBase.test(raw)) {
      const rest = pathOfUrl(raw.replace(fileBase, ""));
      return fromFiles(rest, from, targets, kind, lesson) ?? missing(rest);
    }
    if (wiki.test(raw)) {
      const slug = pathOfUrl(raw.replace(wiki, "")).replace(/^(?:pages|wiki)\//, "");
      const key = targets.lessonAtPath(`${targets.base}wiki_content/${slug}.html`) ?? targets.lessonById(slug);
      return lesson(key) ?? missing(`page ${slug}`);
    }
    if (object.test(raw)) {
      const rest = pathOfUrl(raw.replace(object, ""));
      const id =
        rest
          .split("/")
          .filter((part) => !/^(?:download|preview)$/.test(part))
          .at(-1) ?? rest;
      const file = /^(?:files?|file_ref)\//.test(rest) ? targets.fileById(id) : undefined;
      const asset = file === undefined ? undefined : targets.assets.use(file, from);
      if (asset !== undefined) return `asset:${encodePath(asset)}`;
      return lesson(targets.lessonById(id)) ?? missing(rest);
    }
    if (isAbsolute(raw)) return undefined;
    const path = pathOfUrl(raw);
    if (path === "") return undefined;
    if (path.startsWith("/")) return missing(path);
    return fromFiles(path, from, targets, kind, lesson) ?? missing(path);
  };
}

function fromFiles(
  path: string,
  from: string,
  { base, assets, lessonAtPath }: Targets,
  kind: "link" | "image",
  lesson: (key: string | undefined) => string | undefined,
): string | undefined {
  const candidates = [
    `${base}web_resources/${path}`,
    resolvePath(folderOf(from), path),
    resolvePath("", `${base}${path}`),
  ];
  for (const candidate of candidates) {
    const clean = candidate === undefined ? undefined : resolvePath("", candidate);
    if (clean === undefined) continue;
    const page = kind === "link" ? lesson(lessonAtPath(clean)) : undefined;
    if (page !== undefined) return page;
    const asset = assets.use(clean, from);
    if (asset !== undefined) return `asset:${encodePath(asset)}`;
  }
  return undefined;
}
