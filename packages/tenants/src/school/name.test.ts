import { expect, test } from "vitest";
import { SchoolName } from "./name.ts";

const isFine = (name: string) => SchoolName.safeParse(name).success;

test.each([
  "Lectern",
  "Lectern Security Team",
  "the LECTERN school",
  "Léctern",
  "L3ctern",
  "1ectern",
  "Iectern Academy",
  "Lесtеrn", // Cyrillic е and с
  "ＬＥＣＴＥＲＮ",
  "L e c t e r n",
  "L.e.c.t.e.r.n Support",
  "LecternHQ",
  "MyLectern",
  "Lectem",
  "Security",
  "Support Team",
  "The Help Desk",
  "Ѕесurity",
  "Account Security",
  "Acme Bank Security",
  "PayPaI Support",
  "Sparkasse Verification Service",
])("“%s” looks like the platform, its staff or a bank", (name) => expect(isFine(name)).toBe(false));

test.each([
  "Harbour School",
  "Bank Street College",
  "School of Cyber Security",
  "Select Ernst Gymnasium",
  "Service Learning Institute",
  "Lecture Hall Berlin",
  "Лекторий",
  "Μουσικό Σχολείο",
  "مدرسة الميناء",
  "東京学校",
  "Helping Hands",
  "42",
])("“%s” is a school's name", (name) => expect(isFine(name)).toBe(true));
