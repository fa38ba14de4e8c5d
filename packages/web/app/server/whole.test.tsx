import { createHash } from "node:crypto";
import type { EntryContext } from "@remix-run/node";
import { expect, test } from "vitest";
import { renderWhole } from "./whole.server.ts";

const hostile = `</script><script>alert(1)</script><!-- & \u2028 "quotes" \\`;

const context = (data: string, didRenderScripts = true): EntryContext => {
  const serverHandoffStream = new Response(data).body;
  return { serverHandoffStream, renderMeta: { didRenderScripts } } as unknown as EntryContext; // what is read of it
};
const page = () => (
  <html lang="en">
    <body>
      <p>{hostile}</p>
    </body>
  </html>
);

test("loader data cannot end its script, and reaches the browser unchanged", async () => {
  const { body, hashes } = await renderWhole(context(hostile), "n0nce", page);
  const html = Buffer.from(body).toString();
  expect(html).toMatch(/^<!DOCTYPE html><html lang="en">/);
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<\/script/g)).toHaveLength(1);
  expect(html).toMatch(/<script>[^<]*<\/script><\/body><\/html>$/);
  const chunks: unknown[] = [];
  const controller = { enqueue: (chunk: unknown) => chunks.push(chunk), close: () => chunks.push("closed") };
  const script = /<script[^>]*>([^<]*)/.exec(html)?.[1] ?? "";
  expect(hashes.script).toEqual([`'sha256-${createHash("sha256").update(script).digest("base64")}'`]);
  new Function("window", script)({ __remixContext: { streamController: controller } });
  expect(chunks).toEqual([hostile, "closed"]);
});

test("a page without scripts carries no data", async () => {
  const html = Buffer.from((await renderWhole(context("data", false), "n", page)).body).toString();
  expect(html).not.toContain("<script");
});

test("a rendering error is thrown instead of returning half a page", async () => {
  const broken = () => {
    throw new Error("broken");
  };
  await expect(renderWhole(context("data"), "n", broken)).rejects.toThrow("broken");
});
