/** An entry of the report: what it is, its source or target, and why. */
export interface ReportItem {
  readonly what: string;
  readonly where: string;
  readonly reason: string;
}

/** Every file of a package is in `moved` or in `dropped`; `changed` tells what came over differently. */
export interface Report {
  readonly moved: readonly ReportItem[];
  readonly changed: readonly ReportItem[];
  readonly dropped: readonly ReportItem[];
}

export type LessonFormat = "markdown" | "html" | "link" | "discussion" | "file";

export interface PackageLesson {
  readonly title: string;
  readonly format: LessonFormat;
  /**
   * Markdown, or HTML for `html` and `discussion`; an address for a link, `asset:<path>` for a file. Links into the
   * package are `asset:<path>` and `lesson:<path>`, with the path percent-encoded.
   */
  readonly source: string;
  /** Unique in the package: what `lesson:` links name. */
  readonly path: string;
  /** Minutes to read, at least one. */
  readonly minutes: number;
  /** Its author had not published it. */
  readonly isDraft: boolean;
}

export interface PackageModule {
  readonly title: string;
  readonly lessons: readonly PackageLesson[];
}

export interface PackageAsset {
  readonly path: string;
  readonly contentType: string;
  readonly bytes: number;
  /** The content, read when asked. */
  read(): Promise<Buffer>;
}

/** A course as it stood in its package, read whole and checked. */
export interface Package {
  readonly kind: "markdown" | "imscc";
  readonly title: string;
  readonly description?: string;
  readonly language?: string;
  /** Path of the asset that is the cover. */
  readonly coverPath?: string;
  readonly modules: readonly PackageModule[];
  readonly assets: readonly PackageAsset[];
  readonly report: Report;
}
