import { Actor } from "@lectern/core/kernel/actor";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/account.ts";
import { linkTo } from "../../mail/links.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** The first mail a person gets: it proves that the address is theirs. The secret in it is made here, for this mail only. */
export const verificationMail = consumer("verification-mail", Identity.Events.VerificationRequested, async (event) => {
  const { tokenId } = event.data;
  const about = await Recipients.token({ tokenId });
  if (about?.purpose !== "verify_email") return;
  const { to, isOwner, course } = about;
  await sendOnce({
    template: "verify-address",
    event,
    to: to.email,
    write: async () => {
      const token = await Identity.mintToken(tokenId);
      if (!token) return null;
      const school = Actor.useSchool();
      const letter = { to, school: school.name, ...linkTo("verify", token) };
      return isOwner ? Letters.verifyOwner(letter) : Letters.verifyAddress({ ...letter, course });
    },
  });
});
