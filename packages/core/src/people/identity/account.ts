import { and, eq, isNull } from "drizzle-orm";
import * as z from "zod";
import * as RateLimit from "../../house/rate-limit/index.ts";
import { useActor, useSchool } from "../../kernel/actor/index.ts";
import * as Secret from "../../kernel/crypto/index.ts";
import { Db } from "../../kernel/db/index.ts";
import { DomainError } from "../../kernel/error/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { createId } from "../../kernel/id/index.ts";
import { Metric } from "../../kernel/metric/index.ts";
import { shownEmail } from "../../util/email/index.ts";
import * as Audit from "../audit/index.ts";
import * as Settings from "../settings/index.ts";
import * as Attempts from "./attempts.ts";
import { limits } from "./attempts.ts";
import * as EmailToken from "./email-token.ts";
import { Events } from "./identity.event.ts";
import { emailTokenTable, roleRequestTable } from "./identity.sql.ts";
import * as KnownDevice from "./known-device.ts";
import { requestOrigin } from "./origin.ts";
import * as Password from "./password.ts";
import * as Reauth from "./reauth.ts";
import { rolesOfUser } from "./rights.ts";
import * as SecondFactors from "./second-factor.ts";
import * as Session from "./session.ts";
import * as StrangerMail from "./stranger-mail.ts";
import { roleGrantTable, userTable } from "./user.sql.ts";
import { Email, FamilyName, GivenName, PasswordText } from "./user.ts";
import { Wish } from "./wish.ts";

const token = z.string().min(1).max(200);
/** A secret that only the browser that signed up has, in a cookie of the sign-in host. */
const browser = z.string().min(32).max(200);

/** Answers that must not tell whether an account exists take at least this long, whatever they did. */
const floorMs = 250;

/** False before an owner has confirmed an address: sign-ups are refused until then. Public: the sign-up page says so. */
export const takesSignUps = fn.any("school.read", z.object({}).default({}), () => StrangerMail.isProved());

/**
 * Creates an account as the school's sign-up mode allows, and requests the verification mail. The answer is the same
 * when the address already has an account; a mail notifies its owner instead. `asInstructor` also applies to teach.
 * @throws sign_up.invitation_only, sign_up.domain, school.unverified, role_request.closed as 403; 422 for the password;
 * 429
 */
export const signUp = fn.public(
  "a visitor makes an account; the school's sign-up mode decides",
  z.object({
    email: Email,
    password: PasswordText,
    givenName: GivenName,
    familyName: FamilyName.default(""),
    asInstructor: z.object({ message: z.string().trim().max(2000).default("") }).optional(),
    browser: browser.optional(),
    wish: Wish.optional(),
  }),
  async (input) => {
    await requireOpenTo(input.email);
    if (input.asInstructor) await Settings.requireInstructorRequests();
    Password.requireGood(input.password, [
      input.email,
      input.email.slice(0, input.email.indexOf("@")),
      input.givenName,
      input.familyName,
      useSchool().name,
      useSchool().slug,
    ]);
    await Attempts.admit(limits.mail, input.email);
    await StrangerMail.admit("sign_up");
    const passwordHash = await Password.hash(input.password);
    const details = { passwordHash, browser: input.browser, wish: input.wish };
    return atLeast(floorMs, () =>
      Db.use(async (tx) => {
        const userId = createId("user");
        const [made] = await tx
          .insert(userTable)
          .values({
            id: userId,
            email: input.email,
            givenName: input.givenName,
            familyName: input.familyName,
            passwordHash,
            locale: useSchool().locale,
          })
          .onConflictDoNothing()
          .returning({ id: userTable.id });
        if (made) {
          await tx.insert(roleGrantTable).values({ userId, role: "learner" });
          await Events.Registered.emit({ userId });
          Db.afterCommit(() => Metric.userActivity("signed_up"));
          await EmailToken.request(tx, userId, "verify_email", details);
          if (input.asInstructor) {
            const { message } = input.asInstructor;
            await tx
              .insert(roleRequestTable)
              .values({ id: createId("roleRequest"), userId, role: "instructor", message });
          }
        } else {
          const [known] = await tx
            .select({ id: userTable.id, emailVerifiedAt: userTable.emailVerifiedAt, status: userTable.status })
            .from(userTable)
            .where(eq(userTable.email, input.email));
          // The password stays pending until the person who confirms the address proves it, so no one can plant a
          // password on another's address.
          if (known && !known.emailVerifiedAt) await EmailToken.request(tx, known.id, "verify_email", details);
          else if (known?.status === "active")
            await Events.SignUpRepeated.emit({ userId: known.id, courseId: input.wish?.course?.id });
        }
        // An id of its own in either case: the answer tells nothing.
        return { userId };
      }),
    );
  },
);

/** Refuses an address that the school's sign-up mode does not let in. */
async function requireOpenTo(email: string): Promise<void> {
  const { mode, domains } = await Settings.signUp({});
  if (mode === "invitation")
    throw new DomainError("forbidden", "sign_up.invitation_only", "New members join this school by invitation.");
  if (mode === "domain" && !domains.includes(domainOf(email))) throw notOfDomain(domains);
}

/** Refuses to leave the domains of a school that lets only those sign up. Members of other domains were invited. */
export async function requireDomainKept(from: string, to: string): Promise<void> {
  const { mode, domains } = await Settings.signUp({});
  if (mode === "domain" && domains.includes(domainOf(from)) && !domains.includes(domainOf(to)))
    throw notOfDomain(domains);
}

const domainOf = (email: string): string => email.slice(email.lastIndexOf("@") + 1);

function notOfDomain(domains: readonly string[]): DomainError {
  const where = domains.map((domain) => `@${shownEmail(domain)}`).join(", ");
  const message = `Please use an address that ends with ${where}.`;
  return new DomainError("forbidden", "sign_up.domain", message, { email: message });
}

/** What a verification link is about, for its page. 410 when the link has expired. */
export const verificationByToken = fn.public(
  "the token in the mail is the proof",
  z.object({ token, browser: browser.optional() }),
  async (input) =>
    Db.use(async (tx) => {
      const { email, userId, wish } = await EmailToken.peek(tx, "verify_email", input.token);
      const own = signUpOf(await EmailToken.pendingSignUps(tx, userId), input.browser);
      /** `isOwnBrowser`: this browser signed up, so the password is not asked for. */
      return { email, wish: own?.wish ?? wish, isOwnBrowser: own !== undefined };
    }),
);

type PendingSignUp = Awaited<ReturnType<typeof EmailToken.pendingSignUps>>[number];

const signUpOf = (signUps: readonly PendingSignUp[], secret: string | undefined): PendingSignUp | undefined =>
  secret === undefined ? undefined : signUps.find(({ browserHash }) => browserHash === Secret.hashOf(secret));

/**
 * Confirms an address by the token of its mail, once. The link alone activates no password: the person types the
 * password of their sign-up, or opens the link in the browser that signed up. Ends the person's other tokens.
 * @throws auth.password_needed, auth.wrong_credentials as 422; 410 when the link has expired; 429
 */
export const verifyEmail = fn.public(
  "the token in the mail, and the password or the browser that signed up, are the proof",
  z.object({ token, password: z.string().max(1024).optional(), browser: browser.optional() }),
  async (input) => {
    const { link, signUps, current } = await Db.use(async (tx) => {
      const row = await EmailToken.peek(tx, "verify_email", input.token);
      const [user] = await tx
        .select({ passwordHash: userTable.passwordHash })
        .from(userTable)
        .where(eq(userTable.id, row.userId));
      const pending = await EmailToken.pendingSignUps(tx, row.userId);
      return { link: row, signUps: pending, current: user?.passwordHash ?? null };
    });
    const proved = signUpOf(signUps, input.browser) ?? (await provedBy(input.password, link.email, signUps, current));
    const passwordHash = proved.passwordHash ?? current;
    await Db.use(async (tx) => {
      await EmailToken.use(tx, "verify_email", input.token);
      if (passwordHash !== current) await setPassword(tx, link.userId, passwordHash);
      await proveAddress(tx, link.userId);
    });
    if (passwordHash !== current) await Session.sweep(link.userId);
    return { userId: link.userId, email: link.email, wish: proved.wish ?? link.wish };
  },
);

/** The sign-up whose password was typed, or the one that made the account. */
async function provedBy(
  password: string | undefined,
  email: string,
  signUps: readonly PendingSignUp[],
  current: string | null,
): Promise<Pick<PendingSignUp, "passwordHash" | "wish">> {
  if (!password)
    throw new DomainError("invalid", "auth.password_needed", "Please enter the password you signed up with.", {
      password: "Please enter the password you signed up with.",
    });
  await Attempts.admit(limits.account, email);
  const all = [...signUps, { passwordHash: current, wish: null }];
  for (const hash of new Set(all.map(({ passwordHash }) => passwordHash))) {
    if (hash === null || !(await Password.verify(password, hash))) continue;
    await Attempts.forgive(limits.account, email);
    return all.find(({ passwordHash }) => passwordHash === hash) ?? { passwordHash: hash, wish: null };
  }
  const message = "That is not the password of this sign-up.";
  throw new DomainError("invalid", "auth.wrong_credentials", message, { password: message });
}

/**
 * The address is proved, by whichever route: everything that somebody else may have begun with it ends.
 */
export async function proveAddress(tx: Db.Tx, userId: string): Promise<void> {
  await tx.update(userTable).set({ emailVerifiedAt: new Date() }).where(eq(userTable.id, userId));
  await EmailToken.endAll(tx, userId);
  // Only a confirmed request mails the admins: strangers must not reach them with other people's addresses.
  const waiting = await tx
    .select({ id: roleRequestTable.id })
    .from(roleRequestTable)
    .where(and(eq(roleRequestTable.userId, userId), eq(roleRequestTable.status, "pending")));
  for (const { id } of waiting) await Events.RoleRequestCreated.emit({ roleRequestId: id });
}

/** Lets this browser confirm the address without the password: it has just signed in with it. */
export const trustBrowser = fn.public(
  "the sign-in host calls it after a one-time code was used",
  z.object({ userId: z.string(), browser }),
  async (input) => {
    await Db.use((tx) =>
      tx
        .update(emailTokenTable)
        .set({ browserHash: Secret.hashOf(input.browser) })
        .where(
          and(
            eq(emailTokenTable.userId, input.userId),
            eq(emailTokenTable.purpose, "verify_email"),
            isNull(emailTokenTable.usedAt),
            isNull(emailTokenTable.browserHash),
            isNull(emailTokenTable.passwordHash),
          ),
        ),
    );
  },
);

/**
 * Returns a one-time code that carries a person's fresh sign-in to another of our hosts. Expires after two minutes;
 * only its hash is stored. `browser` binds a code in an address to the browser that the sign-in host knows by this
 * mark.
 */
export const issueCode = fn.public(
  "called once a password or a mail's token was checked",
  z.object({ userId: z.string(), browser: browser.optional() }),
  async ({ userId, browser }) => ({
    code: await Db.use((tx) => EmailToken.issue(tx, userId, "sign_in", { browser })),
  }),
);

/** Redeems a one-time code. 410 when it was used, has expired or is another browser's; 403 `user.suspended`. */
export const useCode = fn.public(
  "the one-time code is the proof",
  z.object({ code: token, browser: browser.optional() }),
  async ({ code, browser }): Promise<{ userId: string; nextStep: "done" | "second_factor" }> => {
    const { userId, status } = await Db.use(async (tx) => {
      const row = await EmailToken.use(tx, "sign_in", code);
      const [user] = await tx.select({ status: userTable.status }).from(userTable).where(eq(userTable.id, row.userId));
      const isOther = row.browserHash !== null && row.browserHash !== Secret.hashOf(browser ?? "");
      return { userId: row.userId, status: user?.status, isOther };
    }).then((row) => {
      // After the commit: a code that another browser brought is used up.
      if (row.isOther) throw EmailToken.over();
      return row;
    });
    if (status !== "active") throw suspended();
    const factors = await SecondFactors.of(userId);
    return { userId, nextStep: factors.length > 0 ? "second_factor" : "done" };
  },
);

const suspended = () =>
  new DomainError("forbidden", "user.suspended", "This account is suspended. Please contact the school.");

/** Sends the verification mail again. The answer is the same whether or not there is anything to send. */
export const resendVerification = fn.public(
  "a visitor asks; the answer tells nothing",
  z.object({ email: Email, browser: browser.optional(), wish: Wish.optional() }),
  async (input) => {
    await Attempts.admit(limits.mail, input.email);
    await atLeast(floorMs, () =>
      Db.use(async (tx) => {
        const [user] = await tx.select().from(userTable).where(eq(userTable.email, input.email));
        if (!user || user.emailVerifiedAt || user.status !== "active") return;
        // Anyone may ask, so only what this browser signed up with goes on.
        const own = signUpOf(await EmailToken.pendingSignUps(tx, user.id), input.browser);
        const wish = input.wish ?? own?.wish ?? undefined;
        const details = own ? { passwordHash: own.passwordHash, browser: input.browser, wish } : { wish };
        await EmailToken.request(tx, user.id, "verify_email", details);
      }),
    );
  },
);

/** Sends the signed-in person the mail that proves their own address again. 409 `user.verified` when it is proved. */
export const resendMyVerification = fn.self("profile.manage", z.object({}).default({}), async ({ userId }) => {
  const [user] = await Db.use((tx) => tx.select().from(userTable).where(eq(userTable.id, userId)));
  if (!user || user.emailVerifiedAt)
    throw new DomainError("conflict", "user.verified", "Your address is confirmed already.");
  await Attempts.admit(limits.mail, user.email);
  await Db.use((tx) => EmailToken.request(tx, userId, "verify_email"));
});

/**
 * Checks a password. Takes as long and answers the same for an unknown address as for a wrong password. `nextStep` says
 * what is missing: nothing, a second factor, or the proof of the address. An owner who has just opened the school may
 * sign in before the proof.
 * @throws auth.wrong_credentials as 401; user.suspended as 403, only after the right password; 429 with `retryAfter`
 */
export const checkPassword = fn.public(
  "signing in; attempts are counted",
  z.object({
    email: Email,
    password: z.string().max(1024),
    /** Where the request came from, to limit guessing over many accounts. Empty: a caller inside the house. */
    ip: z.string().max(64).default(""),
    /** The cookie of a browser that somebody has signed in with before. */
    device: z.string().optional(),
  }),
  async (input): Promise<{ userId: string; nextStep: "done" | "second_factor" | "verify_email" }> => {
    const user = await Db.use(async (tx) => {
      const [row] = await tx
        .select({
          id: userTable.id,
          passwordHash: userTable.passwordHash,
          status: userTable.status,
          emailVerifiedAt: userTable.emailVerifiedAt,
          sessionsValidFrom: userTable.sessionsValidFrom,
          roles: rolesOfUser,
        })
        .from(userTable)
        .where(eq(userTable.email, input.email));
      return row;
    });
    const tries = await admitGuess(input, user);
    const isRight = await Password.verify(input.password, user?.passwordHash);
    if (!user?.passwordHash || !isRight) {
      if (input.ip) await Attempts.failed(input.ip);
      if (tries.isLast) await tellOfGuesses(input.email, user);
      throw new DomainError("unauthenticated", "auth.wrong_credentials", "The address or the password is not right.");
    }
    await tries.forgive();
    if (user.status !== "active") throw suspended();
    if (Password.isOutdated(user.passwordHash)) await rehash(user.id, user.passwordHash, input.password);
    if (!user.emailVerifiedAt && !user.roles.includes("owner")) return { userId: user.id, nextStep: "verify_email" };
    const factors = await SecondFactors.of(user.id);
    return { userId: user.id, nextStep: factors.length > 0 ? "second_factor" : "done" };
  },
);

/**
 * Counts a password attempt before it is made: by account and device for devices the person has signed in with, else by
 * account and address and by account alone. So an attacker can lock a person neither out of their own device nor, with
 * a few attempts, out of all others. A new password resets all counts.
 */
async function admitGuess(
  input: { email: string; ip: string; device?: string | undefined },
  user: { id: string; sessionsValidFrom: Date | null } | undefined,
): Promise<{ isLast: boolean; forgive: () => Promise<void> }> {
  const device = user && (await KnownDevice.nameFor(input.device, user.id));
  const account = `${input.email} ${user?.sessionsValidFrom?.getTime() ?? ""}`;
  const place = `${account} ${device === undefined ? `address ${input.ip}` : `device ${device}`}`;
  if (device === undefined && input.ip) await Attempts.requireFewFailures(input.ip);
  const isLastHere = await Attempts.admit(limits.account, place);
  const isLastAnywhere = device === undefined && (await Attempts.admit(limits.everywhere, account));
  return {
    isLast: isLastHere || isLastAnywhere,
    forgive: async () => {
      await Attempts.forgive(limits.account, place);
      if (device === undefined) await Attempts.forgive(limits.everywhere, account);
    },
  };
}

/** Mails the person that somebody guesses at their password, once a day. Does as much for an unknown address. */
async function tellOfGuesses(email: string, user: { id: string; status: string } | undefined): Promise<void> {
  const first = await RateLimit.take({
    bucket: "mail.guessed",
    key: user?.id ?? email,
    max: 1,
    perSeconds: 24 * 60 * 60,
  });
  const userId = user?.status === "active" && first.allowed ? user.id : undefined;
  await Db.use(async () => {
    if (userId) await Events.SignInGuessed.emit({ userId, ...requestOrigin() });
  });
}

/** The step after the password, where the person has a second factor. 401 `auth.wrong_code`, 429 after five tries. */
export const checkSecondFactor = fn.public(
  "the second step of signing in, after the password",
  z.object({ userId: z.string(), code: z.string().trim().min(1, "Please enter the code.").max(64) }),
  async ({ userId, code }) => {
    await Attempts.admit(limits.code, userId);
    for (const factor of await SecondFactors.of(userId)) {
      if (!(await factor.check(userId, code))) continue;
      await Attempts.forgive(limits.code, userId);
      return { userId };
    }
    throw new DomainError("unauthenticated", "auth.wrong_code", "That code is not right. Please try again.");
  },
);

async function rehash(userId: string, before: string, password: string): Promise<void> {
  const passwordHash = await Password.hash(password);
  await Db.use(async (tx) => {
    const [row] = await tx
      .select({ passwordHash: userTable.passwordHash })
      .from(userTable)
      .where(eq(userTable.id, userId))
      .for("update");
    if (row?.passwordHash === before) await tx.update(userTable).set({ passwordHash }).where(eq(userTable.id, userId));
  });
}

/** Asks for the mail that lets a person choose a new password. The answer is the same for an unknown address. */
export const requestReset = fn.public(
  "a visitor asks; the answer tells nothing",
  z.object({ email: Email, wish: Wish.optional() }),
  async (input) => {
    await Attempts.admit(limits.mail, input.email);
    await atLeast(floorMs, () =>
      Db.use(async (tx) => {
        const [user] = await tx
          .select({ id: userTable.id, status: userTable.status })
          .from(userTable)
          .where(eq(userTable.email, input.email));
        if (user?.status === "active") await EmailToken.request(tx, user.id, "reset_password", { wish: input.wish });
      }),
    );
  },
);

/** Returns whose password a reset link changes, for its page. 410 when the link has expired. */
export const resetByToken = fn.public("the token in the mail is the proof", z.object({ token }), async (input) => {
  const { email, wish } = await Db.use((tx) => EmailToken.peek(tx, "reset_password", input.token));
  return { email, wish };
});

/** Sets a new password by the token of the mail, and ends every session. Proves the address on the way. */
export const resetPassword = fn.public(
  "the token in the mail is the proof",
  z.object({ token, password: PasswordText }),
  async (input) => {
    const about = await Db.use((tx) => EmailToken.peek(tx, "reset_password", input.token));
    requireGoodFor(about, input.password);
    const passwordHash = await Password.hash(input.password);
    const { userId, wish } = await Db.use(async (tx) => {
      const row = await EmailToken.use(tx, "reset_password", input.token);
      await setPassword(tx, row.userId, passwordHash);
      if (!row.emailVerifiedAt) await proveAddress(tx, row.userId);
      await Audit.record({
        ...{ action: "password.reset", targetType: "user", targetId: row.userId },
        by: { userId: row.userId },
      });
      return row;
    });
    await Session.sweep(userId);
    return { userId, wish };
  },
);

/** Changes one's own password, and ends every other session. 401 `auth.wrong_credentials`, attempts are counted. */
export const changePassword = fn.self(
  "profile.manage",
  z.object({ current: z.string().max(1024), next: PasswordText }),
  async (actor, { current, next }) => {
    const user = await Db.use(async (tx) => {
      const [row] = await tx.select().from(userTable).where(eq(userTable.id, actor.userId));
      return row;
    });
    if (!user) throw new DomainError("not_found", "user.not_found", "There is no such person in this school.");
    await Reauth.requirePassword(actor.userId, current, "current", "Please enter your current password.");
    requireGoodFor(user, next, "next");
    const passwordHash = await Password.hash(next);
    const from = await Db.use(async (tx) => {
      const changed = await setPassword(tx, actor.userId, passwordHash);
      await Audit.record({ action: "password.changed", targetType: "user", targetId: actor.userId });
      return changed.from;
    });
    await Session.sweep(actor.userId, { sessionId: actor.sessionId, from });
  },
);

/** The one writer of passwords. Ends the sessions, links and pending passwords from before it. */
export async function setPassword(tx: Db.Tx, userId: string, passwordHash: string | null) {
  const from = new Date();
  const [row] = await tx
    .update(userTable)
    .set({ passwordHash, sessionsValidFrom: from })
    .where(eq(userTable.id, userId))
    .returning({ id: userTable.id });
  if (!row) throw new DomainError("not_found", "user.not_found", "There is no such person in this school.");
  await EmailToken.endAll(tx, userId);
  if (passwordHash !== null) await Events.PasswordChanged.emit({ userId, ...requestOrigin() });
  return { from: from.getTime() };
}

const requireGoodFor = (
  about: { email: string; givenName: string; familyName: string },
  password: string,
  field = "password",
): void => {
  const { name, slug } = useActor().school;
  const local = about.email.slice(0, about.email.indexOf("@"));
  Password.requireGood(password, [about.email, local, about.givenName, about.familyName, name, slug], field);
};

/** Hides how long the work took, up to `ms`. */
async function atLeast<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([work(), new Promise<void>((resolve) => setTimeout(resolve, ms))]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
