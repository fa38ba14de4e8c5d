import { expect, test } from "vitest";
import { addressOf, readAddresses } from "./address-list.ts";

test("a pasted list is read however it is separated", () => {
  expect(readAddresses("a@x.test, b@x.test;c@x.test\n\n d@x.test\te@x.test\r\nAda <f@x.test>, not an address")).toEqual(
    [...["a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test", "Ada <f@x.test>"]],
  );
  expect(readAddresses("a@x.test b@x.test  c@x.test\nAda Lovelace <d@x.test>")).toEqual([
    ...["a@x.test", "b@x.test", "c@x.test", "Ada Lovelace <d@x.test>"],
  ]);
  expect(readAddresses("nobody\na@x.test")).toEqual(["nobody", "a@x.test"]);
  expect(readAddresses('"Lovelace, Ada" <ada@x.test>, <b@x.test>').map(addressOf)).toEqual(["ada@x.test", "b@x.test"]);
});

test("a CSV file is read by its cells that hold an address, without its heading", () => {
  const csv = '\u{feff}Name,E-mail,Class\r\n"Lovelace, Ada",ada@x.test,7b\r\nBob,"bob@x.test",\r\n';
  expect(readAddresses(csv)).toEqual(["ada@x.test", "bob@x.test"]);
  // One result a line: a row without an address is refused as a whole.
  expect(readAddresses("Vorname;Name;E-Mail\nAda;Lovelace;ada@x.test\nBob;Moog;none\n;;\n")).toEqual([
    ...["ada@x.test", "Bob, Moog, none"],
  ]);
});

test("hostile text is read in linear time", () => {
  for (const part of ['"', "<", ",", "@", "\t;", '<">', "a@"]) {
    const time = (n: number) => {
      const from = process.cpuUsage();
      readAddresses(`${part.repeat(n)}"`).map(addressOf);
      return process.cpuUsage(from).user / 1000;
    };
    time(10_000);
    expect(time(200_000), part).toBeLessThan(2_000);
  }
});
