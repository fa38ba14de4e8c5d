import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/account.ts";
import { linkTo } from "../../mail/links.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** A change of address was asked for: the new address confirms it, the current one gets a notice. */
export const emailChangeMail = consumer("email-change-mail", Identity.Events.EmailChangeRequested, async (event) => {
  const { tokenId } = event.data;
  const about = await Recipients.token({ tokenId });
  if (about?.purpose !== "change_email" || !about.newEmail) return;
  const { to, newEmail: email, isProved } = about;
  const school = Actor.useSchool();
  const change = { to, school: school.name, from: to.email, email };
  const href = Url.schoolUrl(school, pathTo.account());
  // An address that nobody proved may be a stranger's: it is not written to.
  if (isProved)
    await sendOnce({
      template: "email-change-asked",
      event,
      to: to.email,
      write: async () => Letters.emailChangeAsked({ ...change, href }),
    });
  await sendOnce({
    template: "confirm-email",
    event,
    to: email,
    write: async () => {
      const token = await Identity.mintToken(tokenId);
      return token ? Letters.confirmEmail({ ...change, ...linkTo("email", token) }) : null;
    },
  });
});

/** The address has changed: the former one may undo it, and "find my school" follows. */
export const emailChangedMail = consumer("email-changed-mail", Identity.Events.EmailChanged, async (event) => {
  const { tokenId } = event.data;
  await Identity.moveInFinder(tokenId);
  const about = await Recipients.token({ tokenId });
  if (about?.purpose !== "undo_email_change" || !about.newEmail) return;
  const { to, newEmail: former } = about;
  await sendOnce({
    template: "email-changed",
    event,
    to: former,
    write: async () => {
      const token = await Identity.mintToken(tokenId);
      const change = { to, school: Actor.useSchool().name, from: former, email: to.email };
      return token ? Letters.emailChanged({ ...change, ...linkTo("email-undo", token) }) : null;
    },
  });
});
