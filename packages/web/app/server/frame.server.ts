import { Brand } from "@lectern/core/house/brand";
import type { Actor, Route, UserActor } from "@lectern/core/kernel/actor";
import { Edge } from "@lectern/core/kernel/edge";
import { Permission } from "@lectern/core/kernel/permission";
import { Url } from "@lectern/core/kernel/url";
import { Identity } from "@lectern/core/people/identity";
import { Legal } from "@lectern/core/people/legal";
import { Settings } from "@lectern/core/people/settings";
import { Notify } from "@lectern/core/talk/notify";
import type { FrameData, Person, SchoolFace } from "../components/frame/frame-data.ts";
import { asActor, onPlatform } from "./actor.server.ts";
import { draftOf, draftTheme, isPreview, seesDraft } from "./brand-draft.server.ts";
import { takeFlash } from "./flash.server.ts";
import { adminPermissions } from "./guard.server.ts";
import { hostFor } from "./host.server.ts";
import { helpOf, orWithout, refusing } from "./refusal.server.ts";
import { type RequestArgs, stateOf } from "./request.server.ts";
import { isRailFolded, themeOf } from "./theme.server.ts";

const rightToLeft = new Set(["ar", "fa", "he", "ur", "ps", "sd", "ug", "yi", "dv", "ckb"]);

/** Returns the frame data of the site and the reader. */
export async function frameOf(args: RequestArgs): Promise<FrameData> {
  const host = await refusing(args, () => hostFor(args));
  if (host.kind === "platform")
    return onPlatform(args, async () => ({ ...common(args, "en", "UTC"), kind: "platform" }));
  return asActor(args, async (actor) => {
    if (seesDraft(args.request, actor)) return draftFrame(args, actor);
    const isPerson = actor.type === "user";
    const [person, unread] = isPerson ? await Promise.all([personOf(actor), orWithout(Notify.unread(), 0)]) : [null, 0];
    const canSignUp = !isPerson && (await orWithout(isOpenToAll(host.route), false));
    return {
      ...common(args, isPerson ? actor.locale : host.route.locale, isPerson ? actor.zone : host.route.zone),
      kind: "school",
      school: faceOf(host.route),
      legal: Legal.linksOf(host.route, (path) => path),
      help: helpOf(host.route),
      person,
      unread,
      canSignUp,
    };
  });
}

/** Returns a visitor's frame with an unsaved brand. */
function draftFrame(args: RequestArgs, actor: Actor): FrameData {
  const { searchParams } = new URL(args.request.url);
  stateOf(args).isPrivate = true;
  const school = draftOf(actor, searchParams);
  return {
    ...common(args, school.locale, school.zone),
    kind: "school",
    school: faceOf(school),
    theme: draftTheme(searchParams),
  };
}

function common(args: RequestArgs, locale: string, zone: string): FrameData {
  return {
    kind: "platform",
    // Others may get this page from the edge's cache, so it must not contain one request's id.
    requestId: args.request.headers.has(Edge.ownHeader) ? stateOf(args).requestId : "",
    now: new Date().toISOString(),
    locale,
    dir: rightToLeft.has(locale.split("-")[0] ?? "") ? "rtl" : "ltr",
    zone,
    theme: themeOf(args),
    railFolded: isRailFolded(args),
    // The page around the preview shows the flash.
    flash: isPreview(args.request) ? null : takeFlash(args),
    legal: Legal.platformLinks(),
    help: helpOf(),
    platformUrl: Url.platformUrl("/"),
    school: null,
    person: null,
    unread: 0,
    canSignUp: false,
  };
}

const faceOf = (route: Route): SchoolFace => ({
  name: route.name,
  locale: route.locale,
  tagline: route.brand.tagline,
  logo: Brand.logoPaths(route),
  logoHasName: route.brand.logoHasName,
  instructorRequests: route.instructorRequests,
  font: route.brand.font,
  css: Brand.css(route.brand),
});

// Every page shows the person's name, so 30 seconds of cache save a query per page.
const rememberMs = 30_000;
const maxPeople = 5_000;
const people = new Map<
  string,
  { readonly until: number; readonly name: string; readonly email: string; readonly emailVerified: boolean }
>();

const signUps = new Map<string, { readonly until: number; readonly isOpen: boolean }>();

/** Returns whether visitors may register; otherwise members join by invitation only. */
async function isOpenToAll({ schoolId }: Route): Promise<boolean> {
  let known = signUps.get(schoolId);
  if (!known || known.until < Date.now()) {
    known = { until: Date.now() + rememberMs, isOpen: (await Settings.signUp()).mode !== "invitation" };
    if (signUps.size >= maxPeople) signUps.clear();
    signUps.set(schoolId, known);
  }
  return known.isOpen;
}

/** Evicts a person from the cache after they changed their profile. */
export const forgetPerson = (actor: UserActor): void => void people.delete(keyOf(actor));
const keyOf = (actor: UserActor) => `${actor.school.schoolId}/${actor.userId}`;

async function personOf(actor: UserActor): Promise<Person> {
  let known = people.get(keyOf(actor));
  if (!known || known.until < Date.now()) {
    const { name, email, emailVerified } = await Identity.me();
    // An unconfirmed address is not cached, so that a person who has just confirmed it does not see the banner again.
    known = { until: emailVerified ? Date.now() + rememberMs : 0, name, email, emailVerified };
    if (people.size >= maxPeople) people.clear();
    people.set(keyOf(actor), known);
  }
  return {
    userId: actor.userId,
    name: known.name,
    email: known.email,
    mustVerify: !known.emailVerified && actor.roles.includes("owner"),
    canTeach: Permission.has("course.create", actor) || actor.roles.includes("assistant"),
    canAdmin: adminPermissions.some((each) => Permission.has(each, actor)),
  };
}
