/** Schemes of addresses inside a package or a course until they are resolved. */
export const innerSchemes = ["asset", "lesson"] as const;

const linkSchemes: ReadonlySet<string> = new Set(["http", "https", "mailto", "tel", ...innerSchemes]);
const imageSchemes: ReadonlySet<string> = new Set(["http", "https", "asset"]);

/**
 * Returns the address if it is safe in a page; undefined for schemes that run code, addresses that do not parse, and
 * unresolved relative ones.
 */
export function safeUrl(raw: string, kind: "link" | "image"): string | undefined {
  // Removes tabs and line breaks first, because browsers ignore them inside a scheme.
  const url = raw.replaceAll(/[\p{Cc}\u2028\u2029]/gu, "").trim();
  if (kind === "image" && /^data:image\/(?:png|gif|jpeg|webp);base64,[a-z0-9+/=]+$/i.test(url)) return url;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (url.startsWith("//")) return parses(`https:${url}`) ? `https:${url}` : undefined;
    if (kind === "link" && url.startsWith("#")) return url;
    return /^\/(?![/\\])/.test(url) ? url : undefined;
  }
  if (!(kind === "link" ? linkSchemes : imageSchemes).has(scheme)) return undefined;
  if ((scheme === "http" || scheme === "https") && !parses(url)) return undefined;
  return url;
}

/** True for an address that leaves the school's site. */
export const isExternal = (url: string): boolean => /^https?:/i.test(url);

const parses = (url: string): boolean => URL.canParse(url) && new URL(url).hostname !== "";

export const hostOf = (url: string): string | undefined =>
  URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, "") : undefined;

/**
 * Returns a link to the page behind an embedded player. Players are not embedded: they track people and cannot be
 * trusted with the page.
 */
export function embeddedPage(src: string, title: string): { href: string; text: string } | undefined {
  const url = safeUrl(src.replace(/^\/\//, "https://"), "link");
  if (!url || !isExternal(url)) return undefined;
  const { hostname, pathname } = new URL(url);
  const host = hostname.replace(/^www\./, "");
  const id = /^\/(?:embed|v|shorts)\/([\w-]{6,20})/.exec(pathname)?.[1];
  if ((host === "youtube.com" || host === "youtube-nocookie.com") && id && id !== "videoseries")
    return { href: `https://www.youtube.com/watch?v=${id}`, text: title || "Watch the video on YouTube" };
  const vimeo = /^\/video\/(\d+)/.exec(pathname)?.[1];
  if (host === "player.vimeo.com" && vimeo)
    return { href: `https://vimeo.com/${vimeo}`, text: title || "Watch the video on Vimeo" };
  return { href: url, text: title || `Open the page from ${host}` };
}

/**
 * Badges and linked video stills: images on other sites that add nothing to their alternative text and reveal the
 * reader to those sites. The text replaces them.
 */
export const isPictureOfWords = (src: string): boolean =>
  /^(?:https?:)?\/\/(?:(?:img|raster|flat)\.shields\.io|dcbadge\.[\w.-]+|(?:flat\.)?badgen\.net|badge\.fury\.io|badges\.[\w-]+\.[\w.]+|(?:img|i\d?)\.(?:youtube|ytimg)\.com|i\.vimeocdn\.com)\//i.test(
    src.trim(),
  );
