import { Actor } from "@lectern/core/kernel/actor";
import { Enrollment } from "@lectern/core/learn/enrollment";
import * as Identity from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/account.ts";
import { linkTo } from "../../mail/links.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

export const invitationMail = consumer("invitation-mail", Identity.Events.Invited, async (event) => {
  const { invitationId } = event.data;
  const about = await Enrollment.invitationMail({ invitationId });
  if (!about) return;
  await sendOnce({
    template: "invitation",
    event,
    to: about.email,
    write: async () => {
      const token = await Identity.mintInvitation(invitationId);
      if (!token) return null;
      const school = Actor.useSchool();
      const reader = { locale: school.locale, zone: school.zone };
      return Letters.invitation({ ...about, school: school.name, reader, ...linkTo("invitation", token) });
    },
  });
});
