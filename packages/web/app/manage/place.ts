import { health } from "../messages/en/health.ts";

/** Route patterns and the names that admins know them by. */
const pages: readonly (readonly [pattern: string, word: string])[] = [
  ["/", health("placeHome")],
  ["/courses/:courseSlug/enroll", health("placeEnroll")],
  ["/courses/:courseSlug", health("placeCourse")],
  ["/courses", health("placeCatalog")],
  ["/search", health("placeSearch")],
  ["/learn/:courseSlug/:lessonSlug", health("placeLesson")],
  ["/learn/:courseSlug", health("placeProgress")],
  ["/learn", health("placeLearning")],
  ["/media/", health("placeMedia")],
  ["/certificates", health("placeCertificates")],
  ["/notifications", health("placeNotifications")],
  ["/account", health("placeAccount")],
  ["/studio/import", health("placeImport")],
  ["/studio", health("placeStudio")],
  ["/admin", health("placeAdmin")],
  ["/auth", health("placeSignIn")],
  ["auth/", health("placeSignIn")],
  ["/api/", health("placeApi")],
];

/** Returns the name of `POST /learn/:courseSlug/:lessonSlug` for admins, or undefined where it has none. */
export function placeOf(endpoint: string): string | undefined {
  const [method = "", pattern = ""] = endpoint.split(" ");
  const found =
    pages.find(([known]) => known === pattern) ??
    pages.find(([known]) => known !== "/" && pattern.startsWith(known.endsWith("/") ? known : `${known}/`));
  if (!found) return undefined;
  const [known, word] = found;
  const isForm = method !== "GET" && method !== "HEAD" && known !== "/api/";
  return isForm ? health("placeForm", { place: word }) : word;
}

interface Slow {
  readonly endpoint: string;
  readonly count: number;
  readonly meanMs: number;
  readonly lastSeen: string;
}

/** Groups endpoints by name, the most frequent first. */
export function slowPlaces(rows: readonly Slow[]): (Slow & { readonly place: string | undefined })[] {
  const places = new Map<string | undefined, Slow>();
  for (const row of rows) {
    const place = placeOf(row.endpoint);
    const sum = places.get(place);
    const count = row.count + (sum?.count ?? 0);
    places.set(place, {
      endpoint: sum ? `${sum.endpoint}, ${row.endpoint}` : row.endpoint,
      count,
      meanMs: (row.count * row.meanMs + (sum ? sum.count * sum.meanMs : 0)) / count,
      lastSeen: sum && sum.lastSeen > row.lastSeen ? sum.lastSeen : row.lastSeen,
    });
  }
  return [...places].map(([place, sum]) => ({ ...sum, place })).sort((a, b) => b.count - a.count);
}
