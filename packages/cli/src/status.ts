import { DomainError } from "@lectern/core/kernel/error";
import { Internal } from "@lectern/core/kernel/internal";
import { Url } from "@lectern/core/kernel/url";
import pc from "picocolors";
import { Resource } from "sst";
import * as z from "zod";
import { facts } from "./text.ts";

const Status = z.object({
  schoolId: z.string(),
  name: z.string(),
  slug: z.string(),
  url: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  cell: z.string(),
  schema: z.string(),
  epoch: z.number(),
  version: z.number().nullable(),
  lastError: z.string().nullable(),
  hosts: z.array(z.string()),
  /** Whether the answering process uses the stored route; its cache may lag by 30 seconds. */
  isCurrent: z.boolean(),
  stage: z.string(),
  release: z.string(),
});
type Status = z.infer<typeof Status>;

/**
 * Asks the stage's API about a school, with a call signed by the stage's key.
 * @throws DomainError conflict `stage.other`; unavailable `stage.away`; forbidden `stage.signature`; or the stage's own
 * refusal
 */
export async function statusOf(slug: string, stage?: string): Promise<Status> {
  const linked = Resource.App.stage;
  if (stage !== undefined && stage !== linked)
    throw new DomainError(
      "conflict",
      "stage.other",
      `This environment is linked to stage ${linked}. Ask ${stage} so: npm run operate -- --stage ${stage} -- school status ${slug}`,
    );
  const url = Url.platformUrl(`${Internal.basePath}/status/${encodeURIComponent(slug)}`);
  const answer = await Internal.send(url).catch((cause: unknown) => {
    throw Object.assign(new DomainError("unavailable", "stage.away", `Stage ${linked} does not answer at ${url}.`), {
      cause,
    });
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return Status.parse(body);
  if (answer.status === 401)
    throw new DomainError(
      "forbidden",
      "stage.signature",
      `Stage ${linked} does not take our signature: this environment holds other keys than it.`,
    );
  const { code, message } = z
    .object({ code: z.string(), message: z.string() })
    .catch({ code: "stage.answer", message: `Stage ${linked} answered with ${answer.status}.` })
    .parse(body);
  throw new DomainError(answer.status === 404 ? "not_found" : "unavailable", code, message);
}

export const inWords = (found: Status): string =>
  [
    `${pc.bold(found.name)}, as stage ${pc.bold(found.stage)} (release ${found.release}) knows it`,
    facts([
      ["address", found.url],
      ["hosts", found.hosts.join(", ")],
      ["state", found.reason ? `${found.state}: ${found.reason}` : found.state],
      ["cell", found.cell],
      ["schema", `${found.schema}, migration ${found.version ?? "unknown"}, epoch ${found.epoch}`],
      ...(found.lastError ? [["last error", pc.red(found.lastError)] as const] : []),
      ["up to date", found.isCurrent ? "yes" : "not yet: another state is remembered there, for half a minute at most"],
      ["id", found.schoolId],
    ]),
  ].join("\n");
