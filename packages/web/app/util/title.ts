import type { FrameData } from "../components/frame/frame-data.ts";

/** "Algebra I · Sternwarte": what a tab and a search engine show. `matches` are those given to `meta`. */
export function pageTitle(
  title: string,
  matches: readonly ({ readonly data: unknown } | undefined)[],
): { title: string } {
  const frame = matches[0]?.data as FrameData | undefined;
  return { title: `${title} · ${frame?.school?.name ?? "Lectern"}` };
}
