import { Actor } from "../../kernel/actor/index.ts";
import * as Identity from "../../people/identity/index.ts";
import { defineNotification } from "../../talk/notify/index.ts";
import * as Letters from "./enrollment.letters.ts";
import { invitationMail } from "./index.ts";

export const invitation = defineNotification({
  name: "invitation",
  on: Identity.Events.Invited,
  category: "account",
  to: async ({ data: { invitationId } }) => {
    const about = await invitationMail({ invitationId });
    return about ? [about] : [];
  },
  mail: async (about, { data }) => {
    const token = await Identity.mintInvitation(data.invitationId);
    if (!token) return null;
    const { name: school, locale, zone } = Actor.useSchool();
    return Letters.invitation({
      ...about,
      school,
      reader: { locale, zone },
      ...Identity.tokenLink("invitation", token),
    });
  },
});
