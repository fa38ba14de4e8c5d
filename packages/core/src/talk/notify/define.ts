import type { z } from "zod";
import type { Envelope, EventDefinition } from "../../kernel/event/index.ts";
import type { Letter } from "../letter/index.ts";

/** Mails about the account were asked for or protect it; all others are news. A complaint about one class stops that class. */
export const mailClasses = ["account", "news"] as const;
export type MailClass = (typeof mailClasses)[number];

/** A person of the school, or an address. A feed entry needs `userId`, a mail needs `email`. */
export interface Addressee {
  readonly userId?: string;
  readonly email?: string;
}

/** What the bell shows. */
export interface FeedEntry {
  readonly title: string;
  readonly body?: string;
  /** A path on the school's own host. */
  readonly href: string;
}

interface Declaration<S extends z.ZodType, A extends Addressee> {
  /** Names the notification, and its mail in the ledger and at the provider, so a release must not rename it. */
  readonly name: string;
  readonly on: EventDefinition<S>;
  readonly category: MailClass;
  /** Reads who gets it, and what it says, when it is sent. An empty list: it is no longer true. */
  readonly to: (event: Envelope<z.output<S>>) => Promise<readonly A[]>;
  /**
   * Writes the mail. Only the sender that holds the mail's claim calls it, so no token is issued for a mail that is not
   * sent. Null: nothing to send.
   */
  readonly mail?: (to: A, event: Envelope<z.output<S>>) => Letter | null | Promise<Letter | null>;
  readonly feed?: (to: A, event: Envelope<z.output<S>>) => FeedEntry;
}

/** One recipient's share of a notification: a channel for each thing that the notification declares. */
export interface Message {
  readonly mail?: { readonly to: string; readonly write: () => Promise<Letter | null> };
  readonly feed?: { readonly userId: string; readonly entry: () => FeedEntry };
}

export interface Notification {
  readonly name: string;
  /** The event's type. */
  readonly on: string;
  readonly category: MailClass;
  readonly hasFeed: boolean;
  /** Reads the recipients of an event, as the system in its school. */
  readonly messages: (event: Envelope) => Promise<readonly Message[]>;
}

/** Returns a notification: the event it is on, who gets it, its mail and its feed entry, in one declaration. */
export function defineNotification<S extends z.ZodType, A extends Addressee>(
  declared: Declaration<S, A>,
): Notification {
  const { name, on, category, to, mail, feed } = declared;
  return {
    ...{ name, category, on: on.type, hasFeed: feed !== undefined },
    messages: async (envelope) => {
      const event = { ...envelope, data: on.read(envelope) };
      return (await to(event)).map((each) => ({
        ...(mail && each.email && { mail: { to: each.email, write: async () => mail(each, event) } }),
        ...(feed && each.userId && { feed: { userId: each.userId, entry: () => feed(each, event) } }),
      }));
    },
  };
}
