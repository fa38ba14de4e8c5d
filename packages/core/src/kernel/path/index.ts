type Value = string | number | boolean | null | undefined;
type Query = Readonly<Record<string, Value>> | URLSearchParams;

interface Rest {
  readonly query?: Query;
  readonly hash?: string;
}

/** The pages of the sign-in host. */
export const authPages = [
  "authorize",
  "sign-in",
  "sign-up",
  "forgot",
  "reset",
  "verify",
  "opened",
  "invitation",
  "email",
  "email-undo",
  "signed-out",
] as const;

/**
 * The address of every page, as a path on its host. Percent-encodes each segment and query value, so a slug in any
 * script is safe in a link, a mail and a Location header. `npm run check` refuses paths built by hand.
 */
export const pathTo = {
  home: () => "/",
  catalog: (query?: { readonly q?: string; readonly category?: string; readonly level?: string }) =>
    path(["courses"], { query }),
  course: (courseSlug: string, hash?: string) => path(["courses", courseSlug], { hash }),
  enroll: (courseSlug: string) => path(["courses", courseSlug, "enroll"]),
  learning: () => "/learn",
  progress: (courseSlug: string, hash?: string) => path(["learn", courseSlug], { hash }),
  lesson: (courseSlug: string, lessonSlug: string, hash?: string) => path(["learn", courseSlug, lessonSlug], { hash }),
  certificates: () => "/certificates",
  certificate: (number: string) => path(["certificates", number]),
  search: (q: string) => path(["search"], { query: { q } }),
  media: (assetId: string, fileName: string) => path(["media", assetId, fileName]),
  logo: (version: string) => path(["brand", "logo"], { query: { v: version } }),
  legal: (page: string) => path(["legal", page]),
  account: (hash?: string) => path(["account"], { hash }),
  notifications: () => "/notifications",
  teach: () => "/teach",

  /** On the school's own host; redirects to the sign-in host. `next` is a path to return to. */
  signIn: (
    query: {
      readonly next?: string;
      readonly screen?: "sign-up" | "reset";
      readonly email?: string;
      /** A course to enroll in on arrival, by id or slug. */
      readonly enroll?: string | undefined;
      /** What the sign-in host sealed. */
      readonly wish?: string;
    } = {},
  ) => path(["auth", "sign-in"], { query }),
  signInCallback: () => "/auth/callback",

  studio: () => "/studio",
  studioCourse: (courseId: string, rest?: Rest) => path(["studio", "courses", courseId], rest),
  studioDetails: (courseId: string, hash?: string) => path(["studio", "courses", courseId, "details"], { hash }),
  studioLesson: (courseId: string, lessonId: string, rest?: Rest) =>
    path(["studio", "courses", courseId, "lessons", lessonId], rest),
  studioPeople: (courseId: string) => path(["studio", "courses", courseId, "people"]),
  studioPeopleCsv: (courseId: string) => path(["studio", "courses", courseId, "people.csv"]),
  studioPerson: (courseId: string, userId: string) => path(["studio", "courses", courseId, "people", userId]),
  imports: () => "/studio/import",
  courseImport: (importId: string, query?: Query) => path(["studio", "import", importId], { query }),

  admin: () => "/admin",
  people: () => "/admin/people",
  person: (userId: string, hash?: string) => path(["admin", "people", userId], { hash }),
  invitations: () => "/admin/invitations",
  requests: () => "/admin/requests",
  domains: () => "/admin/domains",
  health: () => "/admin/health",
  brand: (query?: Query) => path(["admin", "brand"], { query }),
  brandPreview: (query?: Query) => path(["admin", "brand", "preview"], { query }),

  /** On the platform's host. */
  signUp: (query?: Query) => path(["sign-up"], { query }),
  signUpCheck: (query: Query) => path(["sign-up", "check"], { query }),
  signUpEnter: (query: Query) => path(["sign-up", "enter"], { query }),
  findMySchool: () => "/find-my-school",

  /** On the sign-in host. */
  auth: (page: (typeof authPages)[number], query?: Query) => path([page], { query }),
} as const;

/** Returns the address with a query, for filters and paging. Omits null and undefined values. */
export function withQuery(address: string, query: Query): string {
  const params = query instanceof URLSearchParams ? query : new URLSearchParams();
  if (!(query instanceof URLSearchParams))
    for (const [name, value] of Object.entries(query))
      if (value !== null && value !== undefined) params.set(name, String(value));
  return params.size > 0 ? `${address}?${params}` : address;
}

/** Makes an address valid in an HTTP header: percent-encodes everything but visible ASCII. */
export const headerSafe = (address: string): string =>
  address.toWellFormed().replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent);

function path(
  segments: readonly string[],
  { query, hash }: { query?: Query | undefined; hash?: string | undefined } = {},
): string {
  const encoded = withQuery(`/${segments.map(encode).join("/")}`, query ?? {});
  return hash ? `${encoded}#${encode(hash)}` : encoded;
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());
