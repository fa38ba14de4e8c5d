import type { Reaction } from "./consumer.ts";
import { courseCompleted } from "./reactions/course-completed.ts";
import { courseImport } from "./reactions/course-import.ts";
import { domainRemoved } from "./reactions/domain-removed.ts";
import { domainRequested } from "./reactions/domain-requested.ts";
import { editionMoved } from "./reactions/edition-moved.ts";
import { finderEntry } from "./reactions/finder-entry.ts";
import { mailFeedback } from "./reactions/mail-feedback.ts";
import { notifications } from "./reactions/notifications.ts";
import { settingsFollowed } from "./reactions/settings-followed.ts";

/** What happens because something happened: each a queue with its rule, its function and its dead letters. */
export const reactions: readonly Reaction[] = [
  notifications,
  settingsFollowed,
  finderEntry,
  courseCompleted,
  courseImport,
  domainRequested,
  domainRemoved,
  editionMoved,
  mailFeedback,
];
