/** How a lesson's source is written. */
export const lessonFormats = ["markdown", "html", "link", "discussion", "file"] as const;
export type LessonFormat = (typeof lessonFormats)[number];

/** What inner addresses of a course lead to. */
export interface Targets {
  readonly courseSlug: string;
  /** By asset id. */
  readonly assets: ReadonlyMap<
    string,
    { readonly id: string; readonly fileName: string; readonly contentType: string }
  >;
  /** Slugs by lesson id. */
  readonly lessons: ReadonlyMap<string, string>;
}
