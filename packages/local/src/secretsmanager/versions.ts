import { randomUUID } from "node:crypto";

// Secrets Manager's version rules: a label is on one version at a time, and a version without labels is deprecated and
// no longer listed.

/** An error answer: `name` becomes `__type`. */
export class SecretsManagerError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}
const invalidParameter = (message: string) => new SecretsManagerError("InvalidParameterException", message);
const invalidRequest = (message: string) => new SecretsManagerError("InvalidRequestException", message);
const notFound = (what: string) =>
  new SecretsManagerError(
    "ResourceNotFoundException",
    `Secrets Manager can't find the specified secret value for ${what}`,
  );

interface Version {
  /** Undefined until the first step of a rotation writes a value. */
  value: string | undefined;
  readonly stages: Set<string>;
}

export interface Found {
  readonly versionId: string;
  readonly value: string;
  readonly stages: readonly string[];
}

export class Versions {
  readonly #versions = new Map<string, Version>();

  constructor(first: string) {
    this.#versions.set(randomUUID(), { value: first, stages: new Set(["AWSCURRENT"]) });
  }

  stages(): Record<string, string[]> {
    const labelled = [...this.#versions].filter(([, { stages }]) => stages.size > 0);
    return Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]]));
  }

  /** @throws ResourceNotFoundException also for a version without a value */
  get({ versionId, stage }: { versionId?: string | undefined; stage?: string | undefined }): Found {
    const label = stage ?? "AWSCURRENT";
    const id = versionId ?? this.#holderOf(label);
    const version = id === undefined ? undefined : this.#versions.get(id);
    if (id === undefined || version?.value === undefined)
      throw notFound(versionId === undefined ? `staging label: ${label}` : `VersionId: ${versionId}`);
    if (stage !== undefined && versionId !== undefined && !version.stages.has(stage))
      throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
    return { versionId: id, value: version.value, stages: [...version.stages] };
  }

  /**
   * Writes a version once: the same value again is a retry, another one is refused.
   * @throws ResourceExistsException
   */
  put(token: string, value: string, stages: readonly string[]): Found {
    const known = this.#versions.get(token);
    if (known?.value !== undefined && known.value !== value)
      throw new SecretsManagerError(
        "ResourceExistsException",
        `A resource with the ID you requested already exists: ${token}`,
      );
    const version = known ?? { value, stages: new Set<string>() };
    const isNew = version.value === undefined || !known;
    version.value = value;
    this.#versions.set(token, version);
    if (isNew) for (const label of stages) this.#move(label, token);
    return { versionId: token, value, stages: [...version.stages] };
  }

  /** Moves a label. @throws InvalidParameterException unless the request names the version that holds it */
  updateStage(of: { stage: string; moveTo?: string | undefined; removeFrom?: string | undefined }): void {
    const { stage, moveTo, removeFrom } = of;
    for (const id of [moveTo, removeFrom])
      if (id !== undefined && !this.#versions.has(id)) throw notFound(`VersionId: ${id}`);
    const holder = this.#holderOf(stage);
    if (holder !== undefined && holder !== moveTo && removeFrom === undefined)
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    if (removeFrom !== undefined && holder !== removeFrom)
      throw invalidParameter(
        `The staging label ${stage} is not attached to the version ${removeFrom} that RemoveFromVersionId names.`,
      );
    if (moveTo === undefined && stage === "AWSCURRENT")
      throw invalidParameter("You can't remove the staging label AWSCURRENT; move it to another version.");
    if (moveTo !== undefined) this.#move(stage, moveTo);
    else if (removeFrom !== undefined) this.#versions.get(removeFrom)?.stages.delete(stage);
  }

  /** Starts a rotation with an empty version under AWSPENDING, or resumes an unfinished one. */
  begin(token: string): string {
    const open = this.#holderOf("AWSPENDING");
    if (open !== undefined && open !== this.#holderOf("AWSCURRENT")) return open;
    this.#versions.set(token, { value: undefined, stages: new Set() });
    this.#move("AWSPENDING", token);
    return token;
  }

  #holderOf(label: string): string | undefined {
    for (const [id, { stages }] of this.#versions) if (stages.has(label)) return id;
    return undefined;
  }

  /** A version that loses AWSCURRENT becomes AWSPREVIOUS. */
  #move(label: string, to: string): void {
    const from = this.#holderOf(label);
    if (from === to) return;
    if (from !== undefined) this.#versions.get(from)?.stages.delete(label);
    this.#versions.get(to)?.stages.add(label);
    if (label === "AWSCURRENT" && from !== undefined) this.#move("AWSPREVIOUS", from);
  }
}
