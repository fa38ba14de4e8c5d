import { describe, expect, test } from "vitest";
import { at, childrenOf, parseXml, refuseDoctype, textOf } from "./xml.ts";

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
};

describe("XML from outside", () => {
  test("names lose their prefix, text and CDATA are kept", () => {
    const root = parseXml(
      Buffer.from(
        '<?xml version="1.0"?><m xmlns:l="urn:x"><l:a xml:lang="de" l:b="1">x<![CDATA[<y>]]></l:a><a>2</a></m>',
      ),
      "m.xml",
    );
    expect(at(root, "a")).toMatchObject({ name: "a", attributes: { "xml:lang": "de", b: "1" }, text: "x<y>" });
    expect(childrenOf(root, "a")).toHaveLength(2);
    expect(textOf(root)).toBe("x<y> 2");
  });

  test("UTF-16, Latin 1 and a byte order mark are read", () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("<a>é</a>", "utf16le")]);
    expect(parseXml(utf16, "a").text).toBe("é");
    expect(parseXml(Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>', "latin1"), "a").text).toBe(
      "é",
    );
    expect(parseXml(Buffer.from("\ufeff<a/>"), "a").name).toBe("a");
  });

  test("prefixes nobody declared do not matter, a name like a prototype's neither", () => {
    expect(parseXml("<x:a><__proto__ constructor='1'/></x:a>", "a").children[0]?.attributes.constructor).toBe("1");
  });

  test.each([
    "<!DOCTYPE a><a/>",
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;&l;">]><a>&m;</a>',
    '<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>',
    "<!-- hello --><!DOCTYPE a><a/>",
    "<!doctype a><a/>",
    '<a><!ENTITY x "y"></a>',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.com/x">%p;]><a/>',
  ])("a document type is refused: %s", (xml) => {
    expect(codeOf(() => parseXml(xml, "a.xml"))).toBe("xml.doctype");
  });

  test("a document type in UTF-16 is refused", () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("<!DOCTYPE a><a/>", "utf16le")]);
    expect(codeOf(() => parseXml(bytes, "a.xml"))).toBe("xml.doctype");
    expect(codeOf(() => refuseDoctype(bytes, "a.xml"))).toBe("xml.doctype");
  });

  test("a file that is not read further is looked at all the same", () => {
    expect(codeOf(() => refuseDoctype(Buffer.from('<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE a><a/>'), "a"))).toBe(
      "xml.doctype",
    );
    expect(codeOf(() => refuseDoctype(Buffer.from("<a><![CDATA[<!DOCTYPE html>]]></a>"), "a"))).toBeUndefined();
  });

  test.each([
    "",
    "   ",
    "<a>",
    "<a></b>",
    "<a><b></a></b>",
    "text",
    "<a/><b/>",
    "<a>&undefined;</a>",
    "<a b=c/>",
    "\0",
  ])("what is not well formed is refused: %j", (xml) => {
    expect(codeOf(() => parseXml(xml, "a.xml"))).toBe("xml.malformed");
  });

  test("depth, number and an unknown encoding are refused", () => {
    expect(codeOf(() => parseXml("<a>".repeat(101) + "</a>".repeat(101), "a"))).toBe("xml.malformed");
    expect(codeOf(() => parseXml(`<a>${"<b/>".repeat(400_000)}</a>`, "a"))).toBe("xml.malformed");
    expect(codeOf(() => parseXml(Buffer.from('<?xml version="1.0" encoding="utf-7"?><a/>'), "a"))).toBe(
      "xml.malformed",
    );
  });

  test("a document type inside CDATA is text", () => {
    expect(parseXml("<a><![CDATA[<!DOCTYPE html><p>]]></a>", "a").text).toBe("<!DOCTYPE html><p>");
  });
});
