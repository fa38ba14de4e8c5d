import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundling } from "../bundling.ts";
import { type Builder, startBuilder } from "../synth/build.ts";
import { laneOf, root } from "../synth/paths.ts";
import { graphOf } from "./graphs.ts";

// The builder must accept exactly what SST's CLI accepts: tests would not notice a setting that is lost on the way to
// Lambda.

let builder: Builder;
let folder: string;
beforeAll(async () => {
  builder = await startBuilder(laneOf("test"));
  // Inside the repository, where the handler's imports resolve.
  folder = mkdtempSync(path.join(root, "infra/test/.build-"));
  const lines = ["class NamedByHand {}", "export const handler = () => [NamedByHand.name, process.env.NODE_ENV];"];
  writeFileSync(path.join(folder, "handler.ts"), lines.join("\n"));
});
afterAll(() => {
  builder.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Built {
  readonly out: string;
  readonly handler: string;
  readonly errors: readonly string[];
  readonly sourcemaps: readonly string[];
}

async function build(properties: object): Promise<Built> {
  const handler = path.relative(root, path.join(folder, "handler.handler"));
  const params = [{ functionID: "BuildTest", handler, properties }];
  const body = JSON.stringify({ id: 1, method: "Runtime.Build", params });
  const answer = await fetch(builder.url, { method: "POST", body });
  const { result } = (await answer.json()) as { result: Built };
  return result;
}
const maps = ({ out }: Built) => readdirSync(out).filter((each) => each.endsWith(".map"));
const codeOf = ({ out }: Built) => readFileSync(path.join(out, "bundle.mjs"), "utf8");

test.each([["alias"], ["minifySyntax"], ["banner"], ["treeShaking"]])(
  "esbuild.%s is not lost in silence",
  async (name) => {
    const { errors } = await build({ esbuild: { [name]: {} } });
    expect(errors).toEqual([expect.stringContaining(`SST reads no nodejs.esbuild.${name}`)]);
  },
);

test("what SST's own component writes and its CLI drops is dropped", async () => {
  const built = await build({ esbuild: { inject: ["/nowhere.mjs"] } });
  expect([built.errors, built.handler]).toEqual([[], "bundle.handler"]);
});

describe("maps", () => {
  test("are uploaded elsewhere by default", async () => {
    const built = await build({});
    expect(built.sourcemaps.map((each) => path.basename(each))).toEqual(maps(built));
    expect(maps(built)).toHaveLength(1);
  });
  test("stay in the zip for `sourcemap: false`, as strange as it is", async () => {
    const built = await build({ sourcemap: false });
    expect([maps(built).length, built.sourcemaps]).toEqual([1, []]);
  });
  test("are not made with our settings, which write no names back and know production only", async () => {
    const ours = await build(bundling);
    expect([ours.errors, maps(ours)]).toEqual([[], []]);
    expect(codeOf(ours)).toContain('"production"');
    expect(codeOf(ours)).not.toContain("NamedByHand");
    expect(codeOf(await build({ minify: true }))).toContain("NamedByHand");
  });
});

test("no bundle of production holds a map", () => {
  const { bundles } = graphOf("production");
  expect(bundles.length).toBeGreaterThan(20);
  for (const { name, out } of bundles)
    expect(
      readdirSync(out).filter((each) => each.endsWith(".map")),
      name,
    ).toEqual([]);
});
