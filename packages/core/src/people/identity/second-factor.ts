/** A kind of second factor. Each registers when its module loads; the sign-in flow uses those a person has. */
export interface SecondFactor {
  readonly kind: string;
  /** Has this person switched it on? */
  readonly isOn: (userId: string) => Promise<boolean>;
  /** Is this code right, now and for the first time? */
  readonly check: (userId: string, code: string) => Promise<boolean>;
}

const factors = new Map<string, SecondFactor>();

export const register = (factor: SecondFactor): void => void factors.set(factor.kind, factor);
export const unregister = (kind: string): void => void factors.delete(kind);

/** The factors a person must pass, in the order they were registered. */
export async function of(userId: string): Promise<SecondFactor[]> {
  const on: SecondFactor[] = [];
  for (const factor of factors.values()) if (await factor.isOn(userId)) on.push(factor);
  return on;
}

export * as SecondFactors from "./second-factor.ts";
