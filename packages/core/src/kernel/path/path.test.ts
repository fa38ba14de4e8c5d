import fc from "fast-check";
import { expect, test } from "vitest";
import { headerSafe, pathTo, withQuery } from "./index.ts";

test("an address in any script is ASCII and reads back as it was", () => {
  expect(pathTo.lesson("مقدمة", "الدرس-الأول", "end")).toBe(
    `/learn/${encodeURIComponent("مقدمة")}/${encodeURIComponent("الدرس-الأول")}#end`,
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (courseSlug, lessonSlug) => {
      const address = pathTo.lesson(courseSlug, lessonSlug);
      expect(address).toMatch(/^\/learn\/[\x21-\x7e]*$/);
      expect(address.split("/").slice(2).map(decodeURIComponent)).toEqual(
        [courseSlug, lessonSlug].map((slug) => slug.toWellFormed()),
      );
    }),
  );
});

test("a segment cannot leave its place in the path", () => {
  expect(pathTo.course("../../evil?x=1#y")).toBe("/courses/..%2F..%2Fevil%3Fx%3D1%23y");
});

test("a query leaves out what is not given and encodes the rest", () => {
  expect(pathTo.signIn({ next: "/learn/курс?a=b&c" })).toBe(
    `/auth/sign-in?next=${encodeURIComponent("/learn/курс?a=b&c")}`,
  );
  expect(pathTo.signIn()).toBe("/auth/sign-in");
  expect(withQuery("/admin/people", { cursor: null, q: "å b" })).toBe("/admin/people?q=%C3%A5+b");
});

test("any address is fit for a header, and one that was fit stays as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (address) => {
      const safe = headerSafe(address);
      expect(() => new Headers({ location: safe })).not.toThrow();
      expect(headerSafe(safe)).toBe(safe);
    }),
  );
  expect(headerSafe("/courses/a%20b?x=1&y=%2F#z")).toBe("/courses/a%20b?x=1&y=%2F#z");
});
