import * as Identity from "@lectern/core/people/identity";
import { consumerOf, when } from "../consumer.ts";

/** Records in the directory, under a keyed digest, that this school knows the address. Repeating it changes nothing. */
export const finderEntry = consumerOf("finder-entry", [
  when(Identity.Events.Registered, ({ data }) => Identity.indexForFinder(data.userId)),
  when(Identity.Events.EmailChanged, ({ data }) => Identity.moveInFinder(data.tokenId)),
]);
export const { handler } = finderEntry;
