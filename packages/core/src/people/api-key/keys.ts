import { and, asc, desc, eq, gt, isNull, or, sql } from "drizzle-orm";
import * as z from "zod";
import { useUser } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Permission, type PermissionName } from "../../kernel/permission/index.ts";
import { isVisible, oneLine } from "../../util/text/index.ts";
import * as Audit from "../audit/index.ts";
import { Inviter } from "../identity/index.ts";
import { userTable } from "../identity/user.sql.ts";
import { apiKeyTable } from "./api-key.sql.ts";
import { forget } from "./holder.ts";
import { scopes } from "./scopes.ts";
import { keyText } from "./text.ts";

/** Days a key can be good for; null is until it is revoked. */
export const expiries = [30, 90, 365, null] as const;
const maxKeys = 50;

/** A key as admins see it; the secret is shown once, when it is made. Instants are ISO strings. */
export const ApiKeyInfo = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  origins: z.array(z.string()),
  /** Who made it: it can do what they can, and stops when they leave. */
  madeBy: z.object({ id: z.string(), name: z.string() }),
  status: z.enum(["active", "expired", "revoked"]),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  createdAt: z.string(),
});
export type ApiKeyInfo = z.infer<typeof ApiKeyInfo>;

/** Scheme, host and port of a page: https, or http on this machine while somebody develops. */
const Origin = z
  .string()
  .trim()
  .max(255)
  .transform((text, context): string => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isLocal = url !== undefined && /(^|\.)localhost$|^127\.0\.0\.1$/.test(url.hostname);
    const isWhole = url !== undefined && url.origin === text.replace(/\/$/, "").toLowerCase();
    if (isWhole && (url.protocol === "https:" || (url.protocol === "http:" && isLocal))) return url.origin;
    context.addIssue({ code: "custom", message: `“${text}” is not an origin such as https://intranet.example.` });
    return z.NEVER;
  });

const Name = z
  .string()
  .overwrite(oneLine)
  .refine(isVisible, "A key needs a name that says who uses it.")
  .max(80, "At most 80 characters.");

Permission.resource("apiKey", async (id) =>
  Db.use(async (tx) => {
    const [row] = await tx.select({ id: apiKeyTable.id }).from(apiKeyTable).where(eq(apiKeyTable.id, id));
    return row && { own: false, why: "Keys belong to the school.", refusal: "not_found" };
  }),
);

const columns = {
  id: apiKeyTable.id,
  name: apiKeyTable.name,
  scopes: apiKeyTable.scopes,
  origins: apiKeyTable.origins,
  expiresAt: apiKeyTable.expiresAt,
  lastUsedAt: apiKeyTable.lastUsedAt,
  revokedAt: apiKeyTable.revokedAt,
  createdAt: apiKeyTable.createdAt,
  maker: { id: userTable.id, givenName: userTable.givenName, familyName: userTable.familyName },
};

/** Returns the school's keys: active ones by name, then ended ones, newest first. At most 100. */
export const list = fn.any("integration.manage", z.object({}).prefault({}), () =>
  Db.use(async (tx) => {
    const rows = await tx
      .select(columns)
      .from(apiKeyTable)
      .innerJoin(userTable, eq(userTable.id, apiKeyTable.userId))
      .orderBy(
        sql`${isOver} `,
        asc(sql`case when ${isOver} then null else lower(${apiKeyTable.name}) end`),
        desc(apiKeyTable.createdAt),
      )
      .limit(100);
    return { items: rows.map(toInfo) };
  }),
);

/**
 * Creates a key and returns its text, which is not stored. It acts as its maker, within its scopes.
 * @throws key.scope_above_you as 403 for a permission the maker lacks; key.too_many as 409
 */
export const create = fn.any(
  "integration.manage",
  z.object({
    name: Name,
    scopes: z
      .array(z.enum(scopes as [PermissionName, ...PermissionName[]], "That is not something a key can be allowed."))
      .min(1, "Choose at least one thing the key may do."),
    origins: z.array(Origin).max(20, "At most 20 origins.").default([]),
    expiresInDays: z.union([z.literal(30), z.literal(90), z.literal(365), z.null()]).default(90),
  }),
  ({ name, scopes: wanted, origins, expiresInDays }) =>
    Db.use(async (tx) => {
      const { userId } = useUser();
      if (wanted.some((scope) => !Permission.has(scope)))
        throw new DomainError("forbidden", "key.scope_above_you", "A key cannot do what you cannot do yourself.", {
          scopes: "You do not have all of these permissions.",
        });
      const [{ count } = { count: 0 }] = await tx
        .select({ count: sql<number>`count(*)::int` })
        .from(apiKeyTable)
        .where(isActive());
      if (count >= maxKeys)
        throw new DomainError(
          "conflict",
          "key.too_many",
          `A school has at most ${maxKeys} keys in use. Revoke one first.`,
        );
      const id = createId("apiKey");
      const secret = Secret.newSecret();
      await tx.insert(apiKeyTable).values({
        id,
        name,
        userId,
        secretHash: Secret.hashOf(secret),
        scopes: [...new Set(wanted)],
        origins: [...new Set(origins)],
        expiresAt: expiresInDays === null ? null : new Date(Date.now() + expiresInDays * 86_400_000),
      });
      await Audit.record({
        action: "key.created",
        targetType: "apiKey",
        targetId: id,
        targetLabel: name,
        data: { name, scopes: wanted },
      });
      const [row] = await tx
        .select(columns)
        .from(apiKeyTable)
        .innerJoin(userTable, eq(userTable.id, apiKeyTable.userId))
        .where(eq(apiKeyTable.id, id));
      if (!row) throw new Error("the key that was just made is not there");
      Db.afterCommit(forget);
      return { ...toInfo(row), key: keyText(id, secret) };
    }),
);

/** Ends a key at once, and the open invitations it has written; other processes notice within half a minute. 409 `key.revoked` when it was revoked before. */
export const revoke = fn.on.tx(
  "integration.manage",
  ({ apiKeyId }: { apiKeyId: string }) => ({ type: "apiKey", id: apiKeyId }),
  z.object({ apiKeyId: z.string().max(64) }),
  async (tx, { apiKeyId }) => {
    const [row] = await tx
      .update(apiKeyTable)
      .set({ revokedAt: new Date() })
      .where(and(eq(apiKeyTable.id, apiKeyId), isNull(apiKeyTable.revokedAt)))
      .returning({ name: apiKeyTable.name });
    if (!row) throw new DomainError("conflict", "key.revoked", "This key has been revoked already.");
    await Inviter.revokeOfKey(tx, apiKeyId);
    await Audit.record({
      action: "key.revoked",
      targetType: "apiKey",
      targetId: apiKeyId,
      targetLabel: row.name,
      data: row,
    });
    Db.afterCommit(forget);
    return { id: apiKeyId, status: "revoked" as const };
  },
);

const isActive = () =>
  and(isNull(apiKeyTable.revokedAt), or(isNull(apiKeyTable.expiresAt), gt(apiKeyTable.expiresAt, sql`now()`)));
const isOver = sql`(${apiKeyTable.revokedAt} is not null or coalesce(${apiKeyTable.expiresAt} <= now(), false))`;

interface Row {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly origins: readonly string[];
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly createdAt: Date;
  readonly maker: { readonly id: string; readonly givenName: string; readonly familyName: string };
}

const toInfo = ({ maker, revokedAt, expiresAt, lastUsedAt, createdAt, ...row }: Row): ApiKeyInfo => ({
  ...row,
  scopes: [...row.scopes],
  origins: [...row.origins],
  madeBy: { id: maker.id, name: `${maker.givenName} ${maker.familyName}`.trim() },
  status: revokedAt ? "revoked" : expiresAt && expiresAt.getTime() <= Date.now() ? "expired" : "active",
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
});
