import { region } from "./account.ts";
import { keys } from "./keys.ts";
import { farPlace } from "./network/far.ts";
import { inVpc } from "./network.ts";
import { stageOf } from "./stage.ts";

/** Where functions run. */
export interface Place {
  readonly suffix: string;
  readonly region: $util.Input<string>;
  readonly inVpc: {
    readonly privateSubnets: $util.Input<$util.Input<string>[]>;
    readonly securityGroups: $util.Input<string>[];
  };
  readonly keys: Pick<typeof keys, "secrets" | "logs" | "messaging">;
  /** Options that create SST components in that place. */
  readonly options: { readonly provider?: aws.Provider };
}

/** A region with only a page server and its log reader. All data stays at home. */
export interface FarPlace extends Place {
  readonly region: string;
}

/** The stage's own region. */
export const home: Place = { suffix: "", region, inVpc, keys, options: {} };

// Under `sst dev` the code runs on a person's machine.
export const farPlaces: readonly FarPlace[] = $dev ? [] : stageOf($app.stage).webRegions.slice(1).map(farPlace);

/**
 * For all code: the region of tables, buckets, queues and secrets, which may differ from the code's own
 * (packages/core/src/kernel/aws/options.ts).
 */
export const dataAtHome = { LECTERN_HOME_REGION: region };
