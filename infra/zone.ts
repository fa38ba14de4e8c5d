import { stageOf } from "./stage.ts";

// One zone for all stages: production has the domain's name servers, the others write below `<stage>.<domain>`. It is made
// once, before anything else (docs/deploy.md), and never goes away by a deployment.
const stage = stageOf($app.stage);
const apex = process.env.LECTERN_DOMAIN ?? "lectern.example";

export const zoneId =
  stage.kind === "production"
    ? new aws.route53.Zone("Zone", { name: apex, comment: "Lectern" }, { protect: true, retainOnDelete: true }).zoneId
    : aws.route53.getZoneOutput({ name: apex }).zoneId;

/** How SST's components write their records: certificates, aliases, mail. */
export const dns = sst.aws.dns({ zone: zoneId });
