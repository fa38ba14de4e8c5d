import * as Identity from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/school.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** "Find my school": the answer goes to the address that was asked about. */
export const finderMail = consumer("finder-mail", Identity.Events.FinderRequested, async (event) => {
  const found = await Identity.finderMail(event.data.finderId);
  if (!found || found.schools.length === 0) return;
  await sendOnce({ template: "your-schools", event, to: found.email, write: async () => Letters.yourSchools(found) });
});
