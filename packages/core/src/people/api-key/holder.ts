import { and, eq, isNull, sql } from "drizzle-orm";
import * as z from "zod";
import { type UserActor, useActor, useSchool } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { cache } from "../../kernel/directory/cache.ts";
import { fn } from "../../kernel/fn/index.ts";
import { type PermissionName, permissionsOf, visitorPermissions } from "../../kernel/permission/index.ts";
import { Rights } from "../identity/index.ts";
import { apiKeyTable } from "./api-key.sql.ts";
import { scopes as possible } from "./scopes.ts";
import { fromKeyText } from "./text.ts";

/** Who a key acts as, and from which pages it may be used. */
export interface Holder {
  readonly actor: UserActor;
  readonly origins: readonly string[];
}

type KeyRow = Awaited<ReturnType<typeof read>>;
const nameOf = (id: string): string => `${useSchool().schoolId}/${id}`;
const known = cache<NonNullable<KeyRow>>(Rights.rememberMs, (name) => read(name.slice(name.indexOf("/") + 1)));

/** The origins of a school's keys, for preflights, which carry no key. */
const origins = cache<{ readonly all: ReadonlySet<string> }>(Rights.rememberMs, () => readOrigins());

/** Drops what this process remembers of the actor's school's keys. */
export function forget(): void {
  const school = `${useSchool().schoolId}/`;
  known.forget((name) => name.startsWith(school));
  origins.forget((name) => name.startsWith(school));
}

/**
 * Returns the actor of a key: its maker, limited to the maker's current permissions that the key names. Undefined when
 * the key is another school's, revoked or expired, or its maker is suspended. Changes take effect within half a minute.
 */
export const resolve = fn.public(
  "the key itself is the proof",
  z.object({ text: z.string().max(200) }),
  async ({ text }): Promise<Holder | undefined> => {
    const given = fromKeyText(text);
    if (!given) return undefined;
    const key = await known.get(nameOf(given.id));
    if (!key || !Secret.sameText(key.secretHash, Secret.hashOf(given.secret))) return undefined;
    if (key.revokedAt || (key.expiresAt && key.expiresAt.getTime() <= Date.now())) return undefined;
    const rights = await Rights.of(key.userId);
    if (rights?.status !== "active") return undefined;
    if (!key.lastUsedAt || key.lastUsedAt.getTime() < Date.now() - touchMs) await touch(given.id, key);
    // What keys were once given and no longer are, an old one has lost too.
    const scopes = new Set<PermissionName>(key.scopes.filter((scope) => possible.includes(scope)));
    const { school, requestId } = useActor();
    const actor: UserActor = {
      type: "user",
      school,
      requestId,
      userId: key.userId,
      sessionId: given.id,
      viaKey: given.id,
      roles: rights.roles,
      // What every visitor may do, and what the key names of what its maker may do.
      permissions: new Map([
        ...visitorPermissions,
        ...[...permissionsOf(rights.roles)].filter(([permission]) => scopes.has(permission)),
      ]),
      locale: rights.locale,
      zone: rights.zone ?? school.zone,
    };
    return { actor, origins: key.origins };
  },
);

/** May a page of this origin ask for leave to use one of the school's keys? The call itself is judged by its own key. */
export const allowsOrigin = fn.public(
  "a preflight carries no key; it answers only that some key names the origin",
  z.object({ origin: z.string().max(300) }),
  async ({ origin }) => (await origins.get(nameOf("origins")))?.all.has(origin) ?? false,
);

const read = (id: string) =>
  Db.use(async (tx) => {
    const [row] = await tx
      .select({
        userId: apiKeyTable.userId,
        secretHash: apiKeyTable.secretHash,
        scopes: apiKeyTable.scopes,
        origins: apiKeyTable.origins,
        expiresAt: apiKeyTable.expiresAt,
        revokedAt: apiKeyTable.revokedAt,
        lastUsedAt: apiKeyTable.lastUsedAt,
      })
      .from(apiKeyTable)
      .where(eq(apiKeyTable.id, id));
    return row;
  });

const touchMs = 3_600_000;

/** Writes down that the key was used; each process once an hour at most. */
async function touch(id: string, key: { lastUsedAt: Date | null }): Promise<void> {
  key.lastUsedAt = new Date();
  await Db.use((tx) => tx.update(apiKeyTable).set({ lastUsedAt: new Date() }).where(eq(apiKeyTable.id, id)));
}

const readOrigins = () =>
  Db.use(async (tx) => {
    const rows = await tx
      .select({ origins: apiKeyTable.origins })
      .from(apiKeyTable)
      .where(and(isNull(apiKeyTable.revokedAt), sql`coalesce(${apiKeyTable.expiresAt} > now(), true)`));
    return { all: new Set(rows.flatMap((row) => row.origins)) };
  });
