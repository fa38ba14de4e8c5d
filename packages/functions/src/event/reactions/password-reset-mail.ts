import { Actor } from "@lectern/core/kernel/actor";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/account.ts";
import { linkTo } from "../../mail/links.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

export const passwordResetMail = consumer(
  "password-reset-mail",
  Identity.Events.PasswordResetRequested,
  async (event) => {
    const { tokenId } = event.data;
    const about = await Recipients.token({ tokenId });
    if (about?.purpose !== "reset_password") return;
    const { to } = about;
    await sendOnce({
      template: "reset-password",
      event,
      to: to.email,
      write: async () => {
        const token = await Identity.mintToken(tokenId);
        if (!token) return null;
        const school = Actor.useSchool();
        return Letters.resetPassword({ to, school: school.name, ...linkTo("reset", token) });
      },
    });
  },
);
