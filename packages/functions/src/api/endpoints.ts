import type { Endpoint } from "./endpoint.ts";
import { apiKeyEndpoints } from "./resources/api-keys.ts";
import { assetEndpoints } from "./resources/assets.ts";
import { auditEndpoints } from "./resources/audit.ts";
import { categoryEndpoints } from "./resources/categories.ts";
import { certificateEndpoints } from "./resources/certificates.ts";
import { courseEndpoints } from "./resources/courses.ts";
import { domainEndpoints } from "./resources/domains.ts";
import { enrollmentEndpoints } from "./resources/enrollments.ts";
import { importEndpoints } from "./resources/imports.ts";
import { invitationEndpoints } from "./resources/invitations.ts";
import { legalEndpoints } from "./resources/legal.ts";
import { lessonEndpoints } from "./resources/lessons.ts";
import { meEndpoints } from "./resources/me.ts";
import { notificationEndpoints } from "./resources/notifications.ts";
import { overviewEndpoints } from "./resources/overview.ts";
import { peopleEndpoints } from "./resources/people.ts";
import { platformEndpoints } from "./resources/platform.ts";
import { progressEndpoints } from "./resources/progress.ts";
import { registrationEndpoints } from "./resources/registration.ts";
import { roleRequestEndpoints } from "./resources/role-requests.ts";
import { schoolEndpoints } from "./resources/school.ts";
import { settingsEndpoints } from "./resources/settings.ts";

export const endpoints: readonly Endpoint[] = [
  ...meEndpoints,
  ...schoolEndpoints,
  ...domainEndpoints,
  ...settingsEndpoints,
  ...legalEndpoints,
  ...overviewEndpoints,
  ...peopleEndpoints,
  ...roleRequestEndpoints,
  ...registrationEndpoints,
  ...invitationEndpoints,
  ...categoryEndpoints,
  ...courseEndpoints,
  ...lessonEndpoints,
  ...assetEndpoints,
  ...importEndpoints,
  ...enrollmentEndpoints,
  ...progressEndpoints,
  ...certificateEndpoints,
  ...notificationEndpoints,
  ...apiKeyEndpoints,
  ...auditEndpoints,
  ...platformEndpoints,
];
