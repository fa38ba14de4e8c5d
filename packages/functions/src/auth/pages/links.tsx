/** @jsxImportSource hono/jsx */

import { pathTo } from "@lectern/core/kernel/path";
import type { Role } from "@lectern/core/kernel/permission";
import { Url } from "@lectern/core/kernel/url";
import { rolesInWords } from "@lectern/core/people/identity";
import type { Legal } from "@lectern/core/people/legal";
import type { Child } from "hono/jsx";
import { Form, type FormState, PasswordField, Submit, Summary } from "./form.tsx";
import { Address, type Frame, Heading, legalOf, Page } from "./layout.tsx";
import { NameFields, NewPasswordField } from "./sign-up.tsx";

interface Props {
  readonly frame: Frame;
  readonly token: string;
  readonly state: FormState;
}

const hiddenOf = ({ frame, token }: Props) => ({ school: frame.school?.slug, token });

/** Asks a browser that did not sign up for the password of the sign-up. */
export const VerifyPage = ({ email, ...props }: Props & { email: string }) => (
  <Page frame={props.frame} title="Confirm your address">
    <Heading title="Confirm your address">
      Somebody signed up at {props.frame.school?.name} with <Address email={email} />, in another browser or on another
      device. If it was you, enter the password you chose there.
    </Heading>
    <Summary state={props.state} />
    <Form frame={props.frame} action="/verify" hidden={hiddenOf(props)}>
      <input type="text" name="username" value={email} autocomplete="username" hidden readonly />
      <PasswordField state={props.state} name="password" label="Password" autocomplete="current-password" />
      <Submit>Confirm my address</Submit>
    </Form>
    {props.frame.school && (
      <div class="links">
        <p>
          You do not know the password, or it was not you?{" "}
          <a href={Url.schoolUrl(props.frame.school, pathTo.signIn({ screen: "reset", email }))}>
            Choose a password of your own
          </a>
        </p>
      </div>
    )}
  </Page>
);

export const ResetPage = ({ email, ...props }: Props & { email: string }) => (
  <Page frame={props.frame} title="New password">
    <Heading title="Choose a new password">
      For <Address email={email} />. Everywhere else you are signed out; here you go straight on.
    </Heading>
    <Summary state={props.state} />
    <Form frame={props.frame} action="/reset" hidden={hiddenOf(props)}>
      <input type="text" name="username" value={email} autocomplete="username" hidden readonly />
      <NewPasswordField state={props.state} label="New password" />
      <Submit>Save new password</Submit>
    </Form>
  </Page>
);

interface Change extends Props {
  readonly page: "email" | "email-undo";
  readonly title: string;
  readonly button: string;
  readonly from: string;
  readonly to: string;
}

/** Confirms or undoes a change of address. */
export const EmailChangePage = ({ page, title, button, from, to, ...props }: Change) => (
  <Page frame={props.frame} title={title}>
    <Heading title={title}>
      Your account at {props.frame.school?.name} has <Address email={from} /> and gets <Address email={to} />.
    </Heading>
    <Summary state={props.state} />
    <Form frame={props.frame} action={pathTo.auth(page)} hidden={hiddenOf(props)}>
      <Submit>{button}</Submit>
    </Form>
  </Page>
);

interface Invited {
  readonly email: string;
  readonly roles: readonly Role[];
  readonly message: string;
  readonly courseTitle: string | null;
  readonly hasAccount: boolean;
}

export function InvitationPage({ invited, ...props }: Props & { invited: Invited }) {
  const name = props.frame.school?.name ?? "";
  return (
    <Page frame={props.frame} title="Your invitation">
      <Heading title={`Join ${name}`}>
        You are invited as {rolesInWords(invited.roles)}, with <Address email={invited.email} />.
        {invited.courseTitle && (
          <>
            {" "}
            You begin with <bdi>{invited.courseTitle}</bdi>.
          </>
        )}
      </Heading>
      {invited.message && <blockquote dir="auto">{invited.message}</blockquote>}
      <Summary state={props.state} />
      <Form frame={props.frame} action="/invitation" hidden={hiddenOf(props)}>
        {invited.hasAccount ? (
          <p class="lead">
            You have an account here already. Your name and password stay as they are; you sign in with them next.
          </p>
        ) : (
          <>
            <NameFields state={props.state} />
            <input type="text" name="username" value={invited.email} autocomplete="username" hidden readonly />
            <NewPasswordField state={props.state} label="Choose a password" />
          </>
        )}
        <Submit>{invited.hasAccount ? "Accept invitation" : "Accept and create account"}</Submit>
      </Form>
    </Page>
  );
}

/** Reports success and links to the school's sign-in. */
export const DonePage = ({ frame, title, children }: { frame: Frame; title: string; children: Child }) => (
  <Page frame={frame} title={title}>
    <Heading title={title}>{children}</Heading>
    {frame.school && (
      <p>
        <a class="button" href={Url.schoolUrl(frame.school, "/auth/sign-in")}>
          Sign in
        </a>
      </p>
    )}
  </Page>
);

interface MessageProps {
  readonly frame: Frame;
  readonly title: string;
  readonly text: string;
  /** Shown where a person may need to report the problem. */
  readonly requestId?: string | undefined;
  readonly action?: { readonly href: string; readonly label: string } | undefined;
}

/** Links to the school's contact, or to the platform's; a closed school answers mail but serves no pages. */
function HelpLinks({ frame: { school }, requestId }: Pick<MessageProps, "frame" | "requestId">) {
  const isClosed = school !== undefined && school.state !== "active";
  const open = school && { ...school, legal: isClosed ? {} : school.legal };
  const contact = (links: readonly Legal.Link[]) => links.find(({ page }) => page === "contact")?.href;
  const ofSchool = contact(open ? legalOf({ school: open }) : []);
  const ofPlatform = ofSchool && !isClosed ? undefined : contact(legalOf({ school: undefined }));
  const at = (href: string) =>
    href.startsWith("mailto:") && requestId ? `${href}?subject=${encodeURIComponent(`Request ${requestId}`)}` : href;
  if (!ofSchool && !ofPlatform) return null;
  return (
    <p class="row">
      {ofSchool && (
        <a class="link" href={at(ofSchool)}>
          Contact the school
        </a>
      )}
      {ofPlatform && (
        <a class="link" href={at(ofPlatform)}>
          Contact support
        </a>
      )}
    </p>
  );
}

/** Renders what happened, what to do, who can help, and the request id. */
export const MessagePage = ({ frame, title, text, requestId, action }: MessageProps) => (
  <Page frame={frame} title={title}>
    <Heading title={title}>{text}</Heading>
    {action && (
      <p>
        <a class="button" href={action.href}>
          {action.label}
        </a>
      </p>
    )}
    <HelpLinks frame={frame} requestId={requestId} />
    {requestId && <p class="id">Request {requestId}</p>}
  </Page>
);
