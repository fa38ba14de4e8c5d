/**
 * Sends a conditional write; returns whether its condition held and throws any other error. Reads the causes too,
 * because ElectroDB wraps the service's exception.
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
