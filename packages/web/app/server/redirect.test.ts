import { expect, test } from "vitest";
import { redirectWith } from "./flash.server.ts";
import { redirect, redirectDocument } from "./redirect.server.ts";

// Remix's own functions throw on such an address: "Cannot convert argument to a ByteString".
test.each(["/learn/مقدمة", "/learn/日本語#end", "/courses/курс?q=ещё", "/courses/größe", "/x\r\nset-cookie: a=b"])(
  "a redirect to %j is answered",
  (to) => {
    for (const response of [redirect(to), redirectDocument(to), redirectWith(to, "Größe gespeichert ✓")]) {
      expect(response.status).toBe(302);
      expect(decodeURIComponent(response.headers.get("location") ?? "")).toBe(to);
    }
  },
);
