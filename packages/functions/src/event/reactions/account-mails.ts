import { Actor } from "@lectern/core/kernel/actor";
import { pathTo } from "@lectern/core/kernel/path";
import { Url } from "@lectern/core/kernel/url";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Letters from "../../mail/letters/account.ts";
import * as SecurityLetters from "../../mail/letters/security.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Somebody signed up with an address that has an account: its owner learns it, the page told nothing. */
export const signUpRepeatedMail = consumer("sign-up-repeated-mail", Identity.Events.SignUpRepeated, async (event) => {
  const { userId, courseId } = event.data;
  const to = await Recipients.person({ userId });
  if (!to) return;
  const school = Actor.useSchool();
  const signIn = Url.schoolUrl(school, pathTo.signIn({ email: to.email, enroll: courseId }));
  await sendOnce({
    template: "sign-up-repeated",
    event,
    to: to.email,
    write: async () => Letters.signUpRepeated({ to, school: school.name, signIn }),
  });
});

/** A refresh token came twice, and the session it belonged to was ended. */
export const sessionEndedMail = consumer("session-ended-mail", Identity.Events.TokenReused, async (event) => {
  const to = await Recipients.person({ userId: event.data.userId });
  if (!to) return;
  const school = Actor.useSchool();
  await sendOnce({
    template: "session-ended",
    event,
    to: to.email,
    write: async () =>
      Letters.sessionEnded({
        to,
        school: school.name,
        at: new Date(event.occurredAt),
        href: Url.schoolUrl(school, "/account"),
      }),
  });
});

/** A password was written, in whichever way. */
export const passwordChangedMail = consumer("password-changed-mail", Identity.Events.PasswordChanged, async (event) => {
  const { userId, device, network } = event.data;
  const to = await Recipients.person({ userId });
  if (!to) return;
  const school = Actor.useSchool();
  const isByOther = event.actor.type === "user" && event.actor.id !== userId;
  await sendOnce({
    template: "password-changed",
    event,
    to: to.email,
    write: async () => {
      const href = Url.schoolUrl(school, pathTo.signIn({ screen: "reset", email: to.email }));
      const about = { to, school: school.name, at: new Date(event.occurredAt), href };
      return isByOther
        ? SecurityLetters.accountMade(about)
        : SecurityLetters.passwordChanged({ ...about, device, network });
    },
  });
});

/** Somebody tried wrong passwords until no more were taken from there. */
export const signInGuessedMail = consumer("sign-in-guessed-mail", Identity.Events.SignInGuessed, async (event) => {
  const { userId, device, network } = event.data;
  const to = await Recipients.person({ userId });
  if (!to) return;
  const school = Actor.useSchool();
  await sendOnce({
    template: "sign-in-guessed",
    event,
    to: to.email,
    write: async () =>
      SecurityLetters.signInGuessed({
        ...{ to, device, network, school: school.name },
        at: new Date(event.occurredAt),
        href: Url.schoolUrl(school, pathTo.signIn({ screen: "reset", email: to.email })),
      }),
  });
});
