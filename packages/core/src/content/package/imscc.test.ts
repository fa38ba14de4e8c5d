import { describe, expect, test } from "vitest";
import { memoryTree, openTree } from "../archive/index.ts";
import { fixture, sharedFixture, without } from "../testing/fixtures.ts";
import { expectWhole, lessonAt, outline } from "../testing/whole.ts";
import { readPackage } from "./index.ts";

const namespaces = {
  "1.0": "http://www.imsglobal.org/xsd/imscc/imscp_v1p1",
  "1.1": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1",
  "1.2": "http://www.imsglobal.org/xsd/imsccv1p2/imscp_v1p1",
  "1.3": "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1",
} as const;

const manifest = (items: string, resources: string, version: keyof typeof namespaces = "1.3", general = "") =>
  `<?xml version="1.0"?><manifest identifier="m" xmlns="${namespaces[version]}" xmlns:lom="urn:lom">
  <metadata><schema>IMS Common Cartridge</schema><schemaversion>${version}.0</schemaversion>
  <lom:lom><lom:general><lom:title><lom:string>The cartridge</lom:string></lom:title>${general}</lom:general></lom:lom></metadata>
  <organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">${items}</item></organization></organizations>
  <resources>${resources}</resources></manifest>`;
const item = (id: string, title: string, ref = "", inside = "") =>
  `<item identifier="${id}"${ref && ` identifierref="${ref}"`}><title>${title}</title>${inside}</item>`;
const resource = (id: string, type: string, href: string, inside = "") =>
  `<resource identifier="${id}" type="${type}" href="${href}"><file href="${href}"/>${inside}</resource>`;
const topic = (title: string, text: string, attributes = 'texttype="text/html"', inside = "") =>
  `<topic xmlns="urn:dt"><title>${title}</title><text ${attributes}><![CDATA[${text}]]></text>${inside}</topic>`;

const read = async (files: Record<string, string>) => {
  const tree = memoryTree("cartridge", files);
  const course = await readPackage(tree);
  expectWhole(course, tree);
  return course;
};

describe.each(["1.0", "1.1", "1.2", "1.3"] as const)("version %s", (version) => {
  const suffix = `v1p${version.at(-1)}`;
  const type = {
    discussion: `imsdt_xml${suffix}`,
    link: `imswl_xml${suffix}`,
    quiz: `imsqti_xmlv1p2/imscc_xml${suffix}/assessment`,
  };

  test("pages, files, links, topics, quizzes and what stands in no item", async () => {
    const course = await read({
      "imsmanifest.xml": manifest(
        item("m1", "Week 1", "", item("i1", "Read this", "p1") + item("i2", "Ask", "d1") + item("i3", "Go", "w1")) +
          item("m2", "Week 2", "", item("i4", "The sheet", "f1") + item("i5", "Test", "q1")),
        resource("p1", "webcontent", "pages/one.html") +
          resource("d1", type.discussion, "d1.xml") +
          resource("w1", type.link, "w1.xml") +
          resource("f1", "webcontent", "files/My%20sheet.pdf") +
          resource("q1", type.quiz, "q1.xml") +
          resource("p2", "webcontent", "pages/two.html") +
          resource("img", "webcontent", "img/a.png") +
          resource("doc", "webcontent", "img/extra_notes.docx"),
        version,
        "<lom:language>de</lom:language><lom:description><lom:string>About it</lom:string></lom:description>",
      ),
      "pages/one.html":
        "<html><head><title>One</title></head><body><p>Hi <img src='../img/a.png' alt='A'> <a href='two.html#x'>two</a> <a href='../files/My sheet.pdf'>s</a></p></body></html>",
      "pages/two.html": "<title>Two</title><h1 id=x>Two</h1><script>1</script>",
      "d1.xml": topic("Topic", "<p>What do you <b>think</b>?</p>"),
      "w1.xml": '<webLink xmlns="urn:wl"><title>W</title><url href="https://example.com/a?b=1&amp;c=2"/></webLink>',
      "q1.xml": '<questestinterop><assessment ident="a" title="The test"/></questestinterop>',
      "files/My sheet.pdf": "%PDF-1.4",
      "img/a.png": "x",
      "img/extra_notes.docx": "x",
    });
    expect(course).toMatchObject({ kind: "imscc", title: "The cartridge", language: "de", description: "About it" });
    expect(outline(course)).toEqual([
      ["Week 1", ["Read this", "Ask", "Go"]],
      ["Week 2", ["The sheet"]],
      ["More material", ["Two", "extra notes"]],
    ]);
    expect(course.modules.flatMap(({ lessons }) => lessons.map(({ format }) => format))).toEqual([
      "html",
      "discussion",
      "link",
      "file",
      "html",
      "file",
    ]);
    const one = lessonAt(course, "pages/one.html").source;
    expect(one).toContain('<img src="asset:img/a.png" alt="A"');
    expect(one).toContain('<a href="lesson:pages/two.html#x">two</a> <a href="asset:files/My%20sheet.pdf">s</a>');
    expect(lessonAt(course, "w1.xml").source).toBe("https://example.com/a?b=1&c=2");
    expect(lessonAt(course, "files/My sheet.pdf").source).toBe("asset:files/My%20sheet.pdf");
    expect(course.report.dropped).toContainEqual({
      what: "Test",
      where: "Week 2: q1.xml",
      reason: expect.stringContaining("QTI"),
    });
  });
});

describe("the organisation", () => {
  const page = (id: string) => resource(id, "webcontent", `${id}.html`);
  const pages = {
    "a.html": "<title>A</title><p>a",
    "b.html": "<title>B</title><p>b",
    "c.html": "<title>C</title><p>c",
  };

  test("deeper items follow in their order, pages at the top gather, titles of items win", async () => {
    const course = await read({
      "imsmanifest.xml": manifest(
        item("i1", "Welcome", "a") +
          item(
            "m",
            "Module",
            "",
            item("s", "Part", "", item("i2", "Deep", "b")) + item("h", "A heading") + item("i3", "", "c"),
          ),
        page("a") + page("b") + page("c"),
      ),
      ...pages,
    });
    expect(outline(course)).toEqual([
      ["The cartridge", ["Welcome"]],
      ["Module", ["Deep", "C"]],
    ]);
    expect(course.report.changed).toContainEqual(expect.objectContaining({ what: "Part", where: "Module" }));
    expect(course.report.dropped).toContainEqual(expect.objectContaining({ what: "A heading" }));
  });

  test("without a root item; with a module alone; with an item for nothing; a page in two places", async () => {
    const lone = await read({
      "imsmanifest.xml": `<manifest><organizations><organization>${item("m", "Only module", "", item("i", "A", "a") + item("j", "Gone", "nothing"))}</organization></organizations><resources>${page("a")}</resources></manifest>`,
      "a.html": pages["a.html"],
    });
    expect(outline(lone)).toEqual([["Only module", ["A"]]]);
    expect(lone.title).toBe("Cartridge");
    expect(lone.report.dropped).toContainEqual(expect.objectContaining({ what: "Gone", where: "Only module" }));
    const twice = await read({
      "imsmanifest.xml": manifest(
        item("m", "M", "", item("i", "A", "a")) + item("n", "N", "", item("j", "A", "a")),
        page("a"),
      ),
      "a.html": pages["a.html"],
    });
    expect(twice.modules.flatMap(({ lessons }) => lessons.map(({ path }) => path))).toEqual(["a.html", "a.html#2"]);
  });

  test("nothing to read is a course without modules and with its report", async () => {
    const course = await read({
      "imsmanifest.xml": manifest(
        item("m", "M", "", item("i", "Quiz", "q")),
        resource("q", "imsqti_xmlv1p2/imscc_xmlv1p3/assessment", "q.xml"),
      ),
      "q.xml": "<questestinterop/>",
    });
    expect(course.modules).toEqual([]);
    expect(course.report.dropped.map(({ what }) => what)).toEqual(["Quiz", "M"]);
  });

  test("a cartridge in a folder of its own, with xml:base", async () => {
    const course = await read({
      "export/imsmanifest.xml": manifest(
        item("m", "M", "", item("i", "A", "a")),
        '<resource identifier="a" type="webcontent" href="a.html" xml:base="deep/"><file href="a.html"/></resource>',
      ),
      "export/deep/a.html": '<title>A</title><p><a href="b.txt">b</a> <a href="$IMS-CC-FILEBASE$/deep/b.txt">b</a></p>',
      "export/deep/b.txt": "text",
    });
    expect(lessonAt(course, "export/deep/a.html").source).toBe(
      '<p><a href="asset:export/deep/b.txt">b</a> <a href="asset:export/deep/b.txt">b</a></p>',
    );
  });
});

describe("resources", () => {
  test("plain text, attachments, assignments with another form, addresses that are not of the web, tools, damage", async () => {
    const course = await read({
      "imsmanifest.xml": manifest(
        item("m", "M", "", ["t", "a", "w", "l", "x", "e"].map((id) => item(`i${id}`, `Item ${id}`, id)).join("")),
        resource("t", "imsdt_xmlv1p3", "t.xml") +
          resource("a", "assignment_xmlv1p0", "a/assignment.xml") +
          `<resource identifier="a_fallback" type="webcontent"><cpx:variant identifier="v" identifierref="a" xmlns:cpx="urn:c"/><file href="a/a.html"/></resource>` +
          resource("w", "imswl_xmlv1p3", "w.xml") +
          resource("l", "imsbasiclti_xmlv1p3", "l.xml") +
          resource("x", "imsdt_xmlv1p3", "x.xml") +
          resource("e", "webcontent", "e.html"),
      ),
      "t.xml": topic(
        "T",
        "One & two\n\nThree <four>",
        'texttype="text/plain"',
        '<attachments><attachment href="files/a%20b.pdf"/></attachments>',
      ),
      "files/a b.pdf": "%PDF-1.4",
      "a/assignment.xml": "<assignment><title>Do it</title><text>&lt;p&gt;Now&lt;/p&gt;</text></assignment>",
      "a/a.html": "<p>Now</p>",
      "w.xml": '<webLink><title>W</title><url href="javascript:alert(1)"/></webLink>',
      "l.xml": '<cartridge_basiclti_link><blti:title xmlns:blti="urn:b">Tool</blti:title></cartridge_basiclti_link>',
      "x.xml": "<topic><title>broken",
      "e.html": "<title>Empty</title><body> </body>",
    });
    expect(outline(course)).toEqual([["M", ["Item t", "Item a", "Item e"]]]);
    expect(lessonAt(course, "t.xml").source).toBe(
      '<p>One &amp; two</p>\n<p>Three &lt;four&gt;</p>\n<ul><li><a href="asset:files/a%20b.pdf">a b.pdf</a></li></ul>',
    );
    expect(lessonAt(course, "a/assignment.xml").source).toBe("<p>Now</p>");
    expect(lessonAt(course, "e.html").isDraft).toBe(true);
    const reasons = Object.fromEntries(course.report.dropped.map(({ what, reason }) => [what, reason]));
    expect(reasons).toMatchObject({
      "Item w": expect.stringContaining("not one of the web"),
      "Item l": expect.stringContaining("LTI"),
      "Item x": "the file is damaged",
      "a/a.html": expect.stringContaining("another form"),
    });
  });

  test("links of Canvas lead to files, pages, items, modules and assignments; lost ones become words", async () => {
    const links = [
      '<img src="%24IMS-CC-FILEBASE%24/a%20b.png?canvas_download=1" alt="x">',
      '<a href="$IMS-CC-FILEBASE$/doc.pdf">f</a>',
      '<a href="%24WIKI_REFERENCE%24/pages/second">p</a>',
      '<a href="$CANVAS_OBJECT_REFERENCE$/modules/m">m</a>',
      '<a href="$CANVAS_OBJECT_REFERENCE$/assignments/as">a</a>',
      '<a href="$CANVAS_COURSE_REFERENCE$/modules/items/i2">i</a>',
      '<a href="$CANVAS_COURSE_REFERENCE$/file_ref/pdf/download">d</a>',
      '<a href="$CANVAS_OBJECT_REFERENCE$/quizzes/none">q</a>',
      '<a href="/courses/1/pages/x">o</a>',
      '<a href="https://youtu.be/abc">v (Links to an external site.)Links to an external site.</a>',
    ];
    const course = await read({
      "imsmanifest.xml": manifest(
        item("m", "M", "", item("i1", "First", "p1") + item("i2", "Second", "p2")),
        resource("p1", "webcontent", "wiki_content/first.html") +
          resource("p2", "webcontent", "wiki_content/second.html") +
          resource("png", "webcontent", "web_resources/a b.png") +
          resource("pdf", "webcontent", "web_resources/doc.pdf") +
          '<resource identifier="as" type="associatedcontent/imscc_xmlv1p3/learning-application-resource" href="as/as.html"><file href="as/as.html"/><file href="as/assignment_settings.xml"/></resource>',
      ),
      "wiki_content/first.html": `<html><head><title>F</title></head><body><p>${links.join(" ")}</p></body></html>`,
      "wiki_content/second.html":
        '<html><head><title>S</title><meta name="workflow_state" content="unpublished"/></head><body><p>s</p></body></html>',
      "web_resources/a b.png": "x",
      "web_resources/doc.pdf": "%PDF-1.4",
      "as/as.html": "<title>Assignment: A</title><p>Do</p>",
      "as/assignment_settings.xml": "<assignment><title>The assignment</title></assignment>",
    });
    const source = lessonAt(course, "wiki_content/first.html").source;
    expect(source.replaceAll(/ loading="lazy" decoding="async"| rel="[^"]*"/g, "")).toBe(
      '<p><img src="asset:web%5Fresources/a%20b.png" alt="x"> <a href="asset:web%5Fresources/doc.pdf">f</a> ' +
        '<a href="lesson:wiki%5Fcontent/second.html">p</a> <a href="lesson:wiki%5Fcontent/first.html">m</a> ' +
        '<a href="lesson:as/as.html">a</a> <a href="lesson:wiki%5Fcontent/second.html">i</a> ' +
        '<a href="asset:web%5Fresources/doc.pdf">d</a> q o <a href="https://youtu.be/abc">v</a></p>',
    );
    expect(outline(course)).toEqual([
      ["M", ["First", "Second"]],
      ["More material", ["The assignment"]],
    ]);
    expect(lessonAt(course, "wiki_content/second.html").isDraft).toBe(true);
    expect(course.report.dropped.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["quizzes/none", "/courses/1/pages/x"]),
    );
  });
});

describe("refused whole", () => {
  test.each([
    ["in the manifest", { "imsmanifest.xml": '<!DOCTYPE m SYSTEM "http://example.com/x.dtd"><manifest/>' }],
    [
      "in a topic",
      {
        "imsmanifest.xml": manifest(item("m", "M", "", item("i", "T", "t")), resource("t", "imsdt_xmlv1p3", "t.xml")),
        "t.xml": '<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><topic><title>&x;</title></topic>',
      },
    ],
    ["in a file nobody reads", { "imsmanifest.xml": manifest("", ""), "deep/other.xml": "<!-- x --><!DOCTYPE a><a/>" }],
  ])("a document type %s", async (_, files) => {
    await expect(readPackage(memoryTree("x", files as Record<string, string>))).rejects.toMatchObject({
      kind: "invalid",
      code: "xml.doctype",
    });
  });

  test("a manifest that is not well formed, or of something else", async () => {
    await expect(readPackage(memoryTree("x", { "imsmanifest.xml": "<manifest>" }))).rejects.toMatchObject({
      code: "xml.malformed",
    });
    await expect(readPackage(memoryTree("x", { "imsmanifest.xml": "<other/>" }))).rejects.toMatchObject({
      code: "package.unknown",
    });
    const scorm = "<manifest><metadata><schema>ADL SCORM</schema></metadata><resources/></manifest>";
    await expect(readPackage(memoryTree("x", { "imsmanifest.xml": scorm }))).rejects.toMatchObject({
      code: "package.unknown",
      message: expect.stringContaining("SCORM"),
    });
  });
});

describe("real cartridges", () => {
  const open = async (path: string) => {
    const tree = await openTree(path);
    const course = await readPackage(tree);
    expectWhole(course, tree);
    return course;
  };

  test("formulas stay readable, unpublished pages are drafts", async () => {
    const course = await open(fixture("imscc/latex.imscc"));
    expect(course.title).toBe("LaTeX Equations");
    expect(outline(course)).toEqual([["Example Module", ["Page 1", "Page 2"]]]);
    expect(lessonAt(course, "wiki_content/page-2.html").source).toContain(
      "$$x = {-b \\pm \\sqrt{b^2-4ac} \\over 2a}.$$",
    );
    expect(course.modules[0]?.lessons.every(({ isDraft }) => isDraft)).toBe(true);
  });

  test("no organisation: assignments come in More material", async () => {
    const course = await open(fixture("imscc/canvas_cc_gem_course.imscc"));
    expect(outline(course)).toEqual([
      [
        "More material",
        [
          "Course with Known Submission Type",
          "Course with Unknown Submission Type",
          "Course with Missing Submission Type",
        ],
      ],
    ]);
    expect(course.report.dropped).toContainEqual(expect.objectContaining({ what: "Syllabus" }));
  });

  test("quizzes only: no modules, each quiz named", async () => {
    const course = await open(fixture("imscc/grouptest.imscc"));
    expect(course.modules).toEqual([]);
    expect(course.report.dropped.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["Grouped questions", "Mixed Quiz", "Ungrouped Quiz"]),
    );
  });

  test.skipIf(without("imscc"))("a workshop of Canvas (skipped where the shared fixtures are absent)", async () => {
    const course = await open(sharedFixture("imscc/allyworkshop.imscc") ?? "");
    expect(course).toMatchObject({ title: "Ally: Accessibility Workshop", language: "en" });
    expect(course.modules.map(({ title, lessons }) => [title, lessons.length])).toEqual([
      ["Part 1: Overview: Accessibility and ALLY", 5],
      ['Part 2: "Before" courses', 1],
      ['Part 3: "After" courses', 2],
      ["More on Accessibility", 1],
      ["More material", 15],
    ]);
    expect(course.coverPath).toContain("course_image");
  });

  test.skipIf(without("imscc"))("every type of resource (skipped where the shared fixtures are absent)", async () => {
    const course = await open(sharedFixture("imscc/loaded_course.imscc") ?? "");
    expect(outline(course)[0]).toEqual([
      "Example Course Module",
      [
        "Group Assignment",
        "math_Simpson.jpg",
        "Front Page",
        "Graded Discussion",
        "Google",
        "Threaded Discussion",
        "Due Date Assignment",
      ],
    ]);
    expect(course.modules.at(-1)?.lessons[0]?.title).toBe("Syllabus");
    expect(course).toMatchObject({ language: "en-US", description: "Sample Description" });
  });
});
