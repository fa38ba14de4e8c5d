import { asked, contentDomainAsked, domainAsked, requireAsked } from "./asked.ts";
import { stageOf } from "./stage.ts";

// Two zones: of the site, and of the domain that uploaded packages are opened on. Production makes both, once and before
// anything else (docs/deploy.md), and no deployment takes them away. The other stages write below `<stage>.<domain>`: into
// production's zones where they share its account, else into zones of their own account that production's point to.
const stage = stageOf($app.stage);

function zone(title: string, apex: string, own: string | undefined): $util.Output<string> {
  return stage.kind === "production"
    ? new aws.route53.Zone(title, { name: apex, comment: "Lectern" }, { protect: true, retainOnDelete: true }).zoneId
    : aws.route53.getZoneOutput({ name: own ?? apex }).zoneId;
}

if (process.env.LECTERN_SYNTH !== "1") requireAsked();

export const zoneId = zone("Zone", domainAsked(), asked("LECTERN_ZONE"));
export const contentZoneId = zone("ContentZone", contentDomainAsked(), asked("LECTERN_CONTENT_ZONE"));

/** How SST's components write their records: certificates, aliases, mail. */
export const dns = sst.aws.dns({ zone: zoneId });
