import { Actor } from "@lectern/core/kernel/actor";
import { Url } from "@lectern/core/kernel/url";
import * as Identity from "@lectern/core/people/identity";
import { Recipients } from "@lectern/core/people/identity";
import * as Notify from "@lectern/core/talk/notify";
import * as Letters from "../../mail/letters/school.ts";
import { sendOnce } from "../../mail/send.ts";
import { consumer } from "../consumer.ts";

/** Somebody would like to teach: everyone who may say yes gets a notification and a mail. */
export const roleRequestReceived = consumer(
  "role-request-received",
  Identity.Events.RoleRequestCreated,
  async (event) => {
    const about = await Recipients.roleRequest({ roleRequestId: event.data.roleRequestId });
    if (about?.status !== "pending") return;
    const { applicant, role, message } = about;
    const school = Actor.useSchool();
    for (const to of await Recipients.admins({})) {
      await Notify.push({
        eventId: event.id,
        userId: to.userId,
        type: event.type,
        title: `${applicant.name} would like to teach`,
        body: message.slice(0, 300),
        href: "/admin/requests",
        at: Date.parse(event.occurredAt),
      });
      await sendOnce({
        template: "role-requested",
        event,
        to: to.email,
        write: async () =>
          Letters.roleRequested({
            to,
            school: school.name,
            applicant: applicant.name,
            role,
            message,
            href: Url.schoolUrl(school, "/admin/requests"),
          }),
      });
    }
  },
);

/** The answer, to whoever asked. */
export const roleRequestDecided = consumer(
  "role-request-decided",
  Identity.Events.RoleRequestDecided,
  async (event) => {
    const about = await Recipients.roleRequest({ roleRequestId: event.data.roleRequestId });
    if (!about || about.status === "pending") return;
    const { applicant: to, role } = about;
    const isApproved = about.status === "approved";
    const school = Actor.useSchool();
    const href = isApproved ? "/studio" : "/learn";
    await Notify.push({
      eventId: event.id,
      userId: to.userId,
      type: event.type,
      title: isApproved ? "You can teach now" : "Your request to teach was not accepted",
      body: isApproved ? "The studio is open for you." : "Your account and your courses stay as they are.",
      href,
      at: Date.parse(event.occurredAt),
    });
    await sendOnce({
      template: "role-decided",
      event,
      to: to.email,
      write: async () =>
        Letters.roleDecided({ to, school: school.name, role, isApproved, href: Url.schoolUrl(school, href) }),
    });
  },
);
