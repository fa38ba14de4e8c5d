import * as Certificates from "@lectern/core/learn/certificate/certificate.notification";
import * as Enrollments from "@lectern/core/learn/enrollment/enrollment.notification";
import * as Progress from "@lectern/core/learn/progress/progress.notification";
import * as Identity from "@lectern/core/people/identity/identity.notification";
import type { Notification } from "@lectern/core/talk/notify";
import * as Domains from "@lectern/tenants/domain/domain.notification";
import * as Schools from "@lectern/tenants/school/school.notification";

/** Every notification: all that the domains' `*.notification.ts` files export. */
export const registry: readonly Notification[] = [
  Schools,
  Domains,
  Identity,
  Enrollments,
  Progress,
  Certificates,
].flatMap((file) => Object.values<Notification>(file));
