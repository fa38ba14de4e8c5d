import { ErrorGroupItem, SchoolErrorItem } from "./ops.entity.ts";

export interface ErrorGroup {
  readonly fingerprint: string;
  readonly type: string;
  readonly message: string;
  /** Function and file of our own code, or empty. */
  readonly frame: string;
  readonly endpoint: string;
  readonly severity: "error" | "critical";
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly firstRelease: string;
  readonly lastRelease: string;
  readonly lastRequestId: string | null;
  readonly schoolCount: number;
  /** Some of them. */
  readonly schoolIds: readonly string[];
}

const maxSchools = 10;

/** Returns error groups, the most recent first. The caller checks that the reader is an operator. */
export async function errors({ limit = 50 }: { readonly limit?: number } = {}): Promise<ErrorGroup[]> {
  const { data } = await ErrorGroupItem().query.all({}).go({ pages: "all" });
  const latest = data.sort((a, b) => b.lastSeen.localeCompare(a.lastSeen)).slice(0, limit);
  return Promise.all(
    latest.map(async ({ claimedAt: _, alertedAt: __, expiresAt: ___, ...group }) => ({
      ...group,
      lastRequestId: group.lastRequestId ?? null,
      schoolIds: group.schoolCount > 0 ? await schoolsOf(group.fingerprint) : [],
    })),
  );
}

async function schoolsOf(fingerprint: string): Promise<string[]> {
  const { data } = await SchoolErrorItem().query.byGroup({ fingerprint }).go({ limit: maxSchools });
  return data.map(({ schoolId }) => schoolId);
}
