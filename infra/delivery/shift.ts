// Moves `live` aliases to new versions by CodeDeploy: a tenth of the calls for five minutes, and back when an alarm rings.

export interface Deployed {
  readonly functionName: string;
  /** What `live` is at, and what was published last. */
  readonly liveVersion: string;
  readonly newVersion: string;
}

/** What CodeDeploy is told for one function. */
export const appSpecOf = ({ functionName, liveVersion, newVersion }: Deployed): string =>
  JSON.stringify({
    version: 0.0,
    Resources: [
      {
        code: {
          Type: "AWS::Lambda::Function",
          Properties: { Name: functionName, Alias: "live", CurrentVersion: liveVersion, TargetVersion: newVersion },
        },
      },
    ],
  });

/** Functions whose new version is not live yet. An older number than the live one is a version that was rolled back from. */
export const waiting = (all: readonly Deployed[]): Deployed[] =>
  all.filter(({ liveVersion, newVersion }) => Number(newVersion) > Number(liveVersion));

/** What takes the way of CodeDeploy: the API, sign-in and every consumer. Crons and the like follow at once. */
export const isShifted = (name: string): boolean => /^(Api|Auth|Websocket|On[A-Z])/.test(name);
