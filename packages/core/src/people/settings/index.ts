import { eq, sql } from "drizzle-orm";
import * as z from "zod";
import { useSchool } from "../../kernel/actor/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { Email, MailDomain } from "../../util/email/index.ts";
import { Locale, Zone } from "../../util/locale.ts";
import { lines } from "../../util/text/index.ts";
import * as Audit from "../audit/index.ts";
import { Events } from "./settings.event.ts";
import { settingTable } from "./settings.sql.ts";

export { Events } from "./settings.event.ts";

export const signUpModes = ["open", "domain", "invitation"] as const;

/** Who may sign up: everyone, addresses at the named domains, or only invited people. */
export const SignUp = z
  .object({ mode: z.enum(signUpModes), domains: z.array(MailDomain).max(50).default([]) })
  .refine(({ mode, domains }) => mode !== "domain" || domains.length > 0, {
    message: "Name at least one domain.",
    path: ["domains"],
  });
export type SignUp = z.infer<typeof SignUp>;

const Value = z.object({
  signUp: SignUp,
  locale: Locale,
  zone: Zone,
  /** Where people reach the school: on its error pages, and where answers to its mails go. */
  contactEmail: Email.nullable(),
  /** The line at the end of every mail: the postal address, in the school's own words. */
  postalAddress: z
    .string()
    .transform((text) => lines(text).trim() || null)
    .pipe(z.string().max(300, "At most 300 characters.").nullable())
    .nullable(),
  /** Whether people may ask to teach, on signing up and later. */
  instructorRequests: z.boolean(),
});

/**
 * The stored value, which was validated when it was written. Validating it again makes Node.js load all its language
 * data: 18 ms of a cold start.
 */
const Stored = Value.extend({
  locale: z.string(),
  zone: z.string(),
  contactEmail: z.string().nullable().default(null),
  postalAddress: z.string().nullable().default(null),
  // Schools that were opened before this was a choice took requests.
  instructorRequests: z.boolean().default(true),
});

export const Info = Value.extend({
  /** Rises with each change; an update that names an older one is refused (412). */
  version: z.number().int(),
});
export type Info = z.infer<typeof Info>;

const key = "general";

/** What the school's route repeats, because every page needs it. */
const routed = ["locale", "zone", "contactEmail", "instructorRequests"] as const;

/** The school's settings. */
export const get = fn.any("school.settings", z.object({}).default({}), () => Db.use(read));

/** How one becomes a member: what the sign-up page needs to say. Public. */
export const signUp = fn.any("school.read", z.object({}).default({}), () =>
  Db.use(async (tx) => {
    const { signUp: policy, instructorRequests } = await read(tx);
    return { ...policy, instructorRequests };
  }),
);

/** @throws role_request.closed where the school takes no requests to teach */
export async function requireInstructorRequests(): Promise<void> {
  const { instructorRequests } = await signUp();
  if (instructorRequests) return;
  throw new DomainError("forbidden", "role_request.closed", "This school takes no requests to teach.");
}

/** The line at the end of every mail. Public: every recipient reads it. */
export const postalAddress = fn.any("school.read", z.object({}).default({}), () =>
  Db.use(async (tx) => (await read(tx)).postalAddress),
);

/** Changes the given settings. `version` is the one the caller saw (If-Match); without it, the last write wins. */
export const update = fn.any(
  "school.settings",
  z.object({ ...Value.partial().shape, version: z.number().int().optional() }),
  ({ version, ...change }) =>
    Db.use(async (tx) => {
      const before = await read(tx);
      if (version !== undefined && version !== before.version) throw stale();
      const value = Value.parse({ ...before, ...withoutUndefined(change) });
      const [row] = await tx
        .insert(settingTable)
        .values({ key, value, version: before.version + 1 })
        .onConflictDoUpdate({
          target: settingTable.key,
          set: { value, version: sql`${settingTable.version} + 1`, updatedAt: new Date() },
          setWhere: eq(settingTable.version, before.version),
        })
        .returning({ version: settingTable.version });
      if (!row) throw stale();
      await Audit.record({
        action: "settings.changed",
        targetType: "school",
        targetId: useSchool().schoolId,
        data: Audit.changes(settingsOf(before), value),
      });
      const isRouted = routed.some((name) => value[name] !== before[name]);
      if (isRouted) await Events.Changed.emit({});
      return { ...value, version: row.version } satisfies Info;
    }),
);

/** A school without changed settings is open, in its initial language and zone. */
async function read(tx: Db.Tx): Promise<Info> {
  const [row] = await tx.select().from(settingTable).where(eq(settingTable.key, key));
  const { locale, zone } = useSchool();
  if (!row)
    return {
      signUp: { mode: "open", domains: [] },
      ...{ locale, zone, contactEmail: null, postalAddress: null, instructorRequests: true },
      version: 0,
    };
  return { ...Stored.parse(row.value), version: row.version };
}

const checklistKey = "checklist";

/** Has somebody put the checklist of a new school away? */
export async function isChecklistDismissed(tx: Db.Tx): Promise<boolean> {
  const [row] = await tx.select({ key: settingTable.key }).from(settingTable).where(eq(settingTable.key, checklistKey));
  return row !== undefined;
}

/** Puts the checklist away for everybody. Twice is the same. */
export const dismissChecklist = (tx: Db.Tx, by: { readonly userId: string }) =>
  tx
    .insert(settingTable)
    .values({ key: checklistKey, value: { by: by.userId } })
    .onConflictDoNothing();

const settingsOf = ({ version: _, ...value }: Info): z.output<typeof Value> => value;

const stale = () =>
  new DomainError("stale", "settings.stale", "Someone else has changed the settings meanwhile. Please look again.");

const withoutUndefined = (change: object) =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

export * as Settings from "./index.ts";
