import type { FrameData } from "../components/frame/frame-data.ts";

/** Returns the document title, "Algebra I · Sternwarte". `matches` are those passed to `meta`. */
export function pageTitle(
  title: string,
  matches: readonly ({ readonly data: unknown } | undefined)[],
): { title: string } {
  const frame = matches[0]?.data as FrameData | undefined;
  return { title: `${title} · ${frame?.school?.name ?? "Lectern"}` };
}
