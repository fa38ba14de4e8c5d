import { expect, test } from "vitest";
import { dateIn, inWords, minutesInWords } from "./time.ts";

const now = "2026-11-20T01:30:00.000Z";
const say = (iso: string, zone = "UTC") => inWords(iso, now, "en-GB", zone);

test("a moment is written in words", () => {
  expect(say("2026-11-20T01:29:40.000Z")).toBe("now");
  expect(say("2026-11-20T01:18:00.000Z")).toBe("12 minutes ago");
  expect(say("2026-11-18T10:00:00.000Z")).toBe("2 days ago");
  expect(say("2026-03-12T10:00:00.000Z")).toBe("12 March");
  expect(say("2025-03-12T10:00:00.000Z")).toBe("12 March 2025");
});

// At 23:30 UTC it is still yesterday in London and already today in Berlin.
test("yesterday depends on the reader's zone", () => {
  expect(say("2026-11-19T22:30:00.000Z")).toBe("yesterday");
  expect(say("2026-11-19T23:30:00.000Z", "Europe/Berlin")).toBe("2 hours ago");
});

test("minutes become hours", () => {
  expect(minutesInWords(0)).toBe("1 min");
  expect(minutesInWords(59)).toBe("59 min");
  expect(minutesInWords(120)).toBe("2 h");
  expect(minutesInWords(130)).toBe("2 h 10 min");
});

// packages/functions/src/mail/mail.test.ts tests the certificate mail with the same dates.
test.each([
  ["en", "March 12, 2026"],
  ["en-GB", "12 March 2026"],
  ["de", "12. März 2026"],
])("a certificate's page and mail show the same date in %s", (locale, written) => {
  expect(dateIn("2026-03-12", locale, "UTC")).toBe(written);
});
