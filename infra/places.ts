import { region } from "./account.ts";
import { keys } from "./keys.ts";
import { farPlace } from "./network/far.ts";
import { inVpc } from "./network.ts";
import { stageOf } from "./stage.ts";

/** Where functions of ours run. */
export interface Place {
  /** Put behind the names of what stands there; nothing at home. */
  readonly suffix: string;
  readonly region: $util.Input<string>;
  readonly inVpc: {
    readonly privateSubnets: $util.Input<$util.Input<string>[]>;
    readonly securityGroups: $util.Input<string>[];
  };
  readonly keys: Pick<typeof keys, "secrets" | "logs" | "messaging">;
  /** How SST's components are told that they are made there. */
  readonly options: { readonly provider?: aws.Provider };
}

/** A region that only the pages' server stands in, with what reads its log. All data is at home. */
export interface FarPlace extends Place {
  readonly region: string;
}

/** The stage's own region. */
export const home: Place = { suffix: "", region, inVpc, keys, options: {} };

// Under `sst dev` the code runs on a person's machine.
export const farPlaces: readonly FarPlace[] = $dev ? [] : stageOf($app.stage).webRegions.slice(1).map(farPlace);

/**
 * For everything that runs our code: the region where tables, buckets, queues and secrets are, which is not always the one
 * that the code runs in (packages/core/src/kernel/aws/options.ts).
 */
export const dataAtHome = { LECTERN_HOME_REGION: region };
