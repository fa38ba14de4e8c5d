import { expect, test } from "vitest";
import { csvResponse } from "./csv.server.ts";

const school = { slug: "harbour", zone: "Europe/Zurich" };
const columns = [
  { head: "Name", cell: (row: Row) => row.name },
  { head: "Percent", cell: (row: Row) => row.percent },
  { head: "Seen", at: (row: Row) => row.seen },
];
interface Row {
  readonly name: string | null;
  readonly percent: number;
  readonly seen: string | null;
}
const bytesOf = async (...rows: Row[]) =>
  Buffer.from(await csvResponse(school, "people", columns, rows).arrayBuffer()).toString("utf8");
const lineOf = async (name: string) => {
  const [, ...rest] = (await bytesOf({ name, percent: 1, seen: null })).split("\r\n");
  return rest.join("\r\n").replace(/,1,\r\n$/, "");
};

test("a file is RFC 4180 behind a byte order mark, with moments in the school's zone", async () => {
  expect(await bytesOf({ name: "Zoë Ångström 李", percent: 50, seen: "2026-07-01T22:30:00.000Z" })).toBe(
    "\ufeffName,Percent,Seen (Europe/Zurich)\r\nZoë Ångström 李,50,2026-07-02 00:30\r\n",
  );
  expect(await bytesOf()).toBe("\ufeffName,Percent,Seen (Europe/Zurich)\r\n");
});

test("an empty value stays empty, and a number stays a number, negative ones too", async () => {
  expect(await bytesOf({ name: null, percent: -5, seen: null })).toMatch(/\r\n,-5,\r\n$/);
});

test.each([
  ['=HYPERLINK("http://x.test","a")', '"\'=HYPERLINK(""http://x.test"",""a"")"'],
  ["+41 44 123", "'+41 44 123"],
  ["-2+3", "'-2+3"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\tcmd", "'\tcmd"],
  ["\rcmd", '"\'\rcmd"'],
  ["＝1+1", "'＝1+1"],
  ["O'Neil, Ada", '"O\'Neil, Ada"'],
  ["a-b=c", "a-b=c"],
  ["two\nlines", '"two\nlines"'],
  ['the "best"', '"the ""best"""'],
])("a spreadsheet reads %j as text: %s", async (name, cell) => {
  expect(await lineOf(name)).toBe(cell);
});

test("the file name has the school and the day, and caches do not store it", () => {
  const { headers } = csvResponse(school, "people", columns, []);
  expect(headers.get("content-type")).toMatch(/^text\/csv; charset=utf-8/);
  expect(headers.get("content-disposition")).toMatch(/^attachment; filename="harbour-people-\d{4}-\d\d-\d\d\.csv"/);
  expect(headers.get("cache-control")).toBe("private, no-store");
});
