// Shifts `live` aliases to new versions with CodeDeploy: 10 % of calls for five minutes, and a rollback on an alarm.

export interface Deployed {
  readonly functionName: string;
  /** The version behind `live`, and the newest published one. */
  readonly liveVersion: string;
  readonly newVersion: string;
}

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

/** Returns functions whose newest version is not live. A lower number than the live one is a rolled-back version. */
export const waiting = (all: readonly Deployed[]): Deployed[] =>
  all.filter(({ liveVersion, newVersion }) => Number(newVersion) > Number(liveVersion));

/** Returns whether CodeDeploy shifts it: the API, sign-in and consumers. Other functions switch at once. */
export const isShifted = (name: string): boolean => /^(Api|Auth|Websocket|On[A-Z])/.test(name);
