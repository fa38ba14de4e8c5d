import { log } from "@lectern/core/kernel/log";
import * as Certificate from "@lectern/core/learn/certificate";
import * as Progress from "@lectern/core/learn/progress";

/**
 * Completes those for whom nothing is left since lessons were removed, and issues the certificates that are due and were
 * not issued. In a healthy school there is nothing to do.
 */
export async function reconcileCertificates(): Promise<void> {
  const { enrollmentIds } = await Progress.reconcile({});
  for (const enrollmentId of enrollmentIds) {
    const issued = await Certificate.issue({ enrollmentId });
    if (issued?.isNew) log.warn({ enrollmentId }, "a certificate that was due had not been issued");
  }
}
