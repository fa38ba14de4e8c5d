import { asked, contentDomainAsked, domainAsked, requireAsked } from "./asked.ts";
import { stageOf } from "./stage.ts";

// Two zones: the site's, and the content domain's. Production creates both before anything else (docs/deploy.md), and
// no deployment deletes them. Other stages write below `<stage>.<domain>`: in production's zones when they share its
// account, else in delegated zones of their own account.
const stage = stageOf($app.stage);

function zone(title: string, apex: string, own: string | undefined): $util.Output<string> {
  return stage.kind === "production"
    ? new aws.route53.Zone(title, { name: apex, comment: "Lectern" }, { protect: true, retainOnDelete: true }).zoneId
    : aws.route53.getZoneOutput({ name: own ?? apex }).zoneId;
}

if (process.env.LECTERN_SYNTH !== "1") requireAsked();

export const zoneId = zone("Zone", domainAsked(), asked("LECTERN_ZONE"));
export const contentZoneId = zone("ContentZone", contentDomainAsked(), asked("LECTERN_CONTENT_ZONE"));

/** How SST's components write records: certificates, aliases, mail. */
export const dns = sst.aws.dns({ zone: zoneId });
