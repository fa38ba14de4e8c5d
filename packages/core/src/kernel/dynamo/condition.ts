/**
 * Sends a conditional write. True when it was written, false when its condition did not hold; anything else is thrown.
 * ElectroDB wraps the service's exception, so the causes are read too.
 */
export async function conditionHolds(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      if (at.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}
