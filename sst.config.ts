/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  async app(input) {
    const { stageOf } = await import("./infra/stage.ts");
    const { removal, protect, region } = stageOf(input.stage);
    return { name: "lectern", home: "aws", removal, protect, providers: { aws: { version: "7.20.0", region } } };
  },
  async run() {
    // The first deployment of a stage: docs/deploy.md.
    if (process.env.LECTERN_FIRST === "1") await import("./infra/first.ts");
    else await import("./infra/index.ts");
  },
});
