import { expect, test } from "vitest";
import { dispositionOf, servedAs, typeOf } from "./media-type.ts";

const bytes = (...values: (number | string)[]): Uint8Array =>
  Buffer.concat(
    values.map((value) => (typeof value === "string" ? Buffer.from(value, "latin1") : Buffer.from([value]))),
  );

const png = bytes(0x89, "PNG\r\n", 0x1a, "\n", "....");

test("the content says what a file is, whatever its name", async () => {
  expect(await typeOf(png, "page.html")).toBe("image/png");
  expect(await typeOf(bytes(0xff, 0xd8, 0xff, 0xe0), "a.png")).toBe("image/jpeg");
  expect(await typeOf(bytes("RIFF....WEBPVP8 "), "a")).toBe("image/webp");
  expect(await typeOf(bytes(0, 0, 0, 0x20, "ftypavif"), "a")).toBe("image/avif");
  expect(await typeOf(bytes(0, 0, 0, 0x20, "ftypisom"), "a")).toBe("video/mp4");
  expect(await typeOf(bytes("%PDF-1.7"), "a.txt")).toBe("application/pdf");
  expect(await typeOf(bytes("ID3", 3), "song")).toBe("audio/mpeg");
  expect(await typeOf(bytes("<?xml version='1.0'?>\n<!-- x --><svg xmlns='...'>"), "a.png")).toBe("image/svg+xml");
});

test("a name that claims a type shown in place is not believed without its signature", async () => {
  expect(await typeOf(bytes("<html><script>alert(1)</script>"), "cute.png")).toBe("application/octet-stream");
  expect(await typeOf(bytes("<html>"), "film.mp4")).toBe("application/octet-stream");
  expect(await typeOf(bytes("WEBVTT\n\n"), "captions.vtt")).toBe("text/vtt");
  expect(await typeOf(bytes("<script>"), "captions.vtt")).toBe("application/octet-stream");
});

test("a name only refines what holds no danger", async () => {
  expect(await typeOf(bytes("PK", 3, 4), "plan.docx")).toContain("wordprocessingml");
  expect(await typeOf(bytes("PK", 3, 4), "x.html")).toBe("application/zip");
  expect(await typeOf(bytes("a,b\n1,2"), "table.csv")).toBe("text/csv");
});

test("only harmless types open in place; pages, scripts and unknown files are saved as bytes", () => {
  expect(servedAs("image/png")).toEqual({ contentType: "image/png", disposition: "inline" });
  for (const type of [
    "text/html",
    "text/javascript",
    "application/xhtml+xml",
    "text/xml",
    "x/y",
    "TEXT/HTML; charset=utf-8",
  ])
    expect(servedAs(type)).toEqual({ contentType: "application/octet-stream", disposition: "attachment" });
  expect(servedAs("image/svg+xml")).toEqual({ contentType: "image/svg+xml", disposition: "attachment" });
});

test("a disposition cannot be broken out of by a file name", () => {
  expect(dispositionOf("attachment", 'a"\r\nX: y.txt')).not.toMatch(/[\r\n]/);
  expect(dispositionOf("attachment", "Übung 1'.pdf")).toBe(
    "attachment; filename=\"_bung 1'.pdf\"; filename*=UTF-8''%C3%9Cbung%201%27.pdf",
  );
});

test("an SVG is found behind a declaration, comments and a document type, and nowhere else", async () => {
  const typed = (text: string) => typeOf(bytes(text), "a.png");
  expect(await typed("<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<!DOCTYPE svg PUBLIC 'x'>\n<svg>")).toBe(
    "image/svg+xml",
  );
  expect(await typed("<!-- <svg> --><html>")).toBe("application/octet-stream");
  expect(await typed("<!---->".repeat(140))).toBe("application/octet-stream");
  expect(await typed("<svgx>")).toBe("application/octet-stream");
});
