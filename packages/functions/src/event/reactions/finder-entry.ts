import * as Identity from "@lectern/core/people/identity";
import { consumer } from "../consumer.ts";

/** Notes in the directory, under a keyed digest, that this school knows the address. The same note twice is one. */
export const finderEntry = consumer("finder-entry", Identity.Events.Registered, (event) =>
  Identity.indexForFinder(event.data.userId),
);
