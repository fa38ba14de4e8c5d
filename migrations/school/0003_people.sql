DROP INDEX "user_name_idx";

ALTER TABLE "course" ADD COLUMN "folded" text GENERATED ALWAYS AS (normalize(replace(replace(replace(replace(translate(lower(regexp_replace(normalize(translate(title, '‘’‛ʼʻʹ′´`׳“”„״‐‑‒–—−־', '''''''''''''''''''''""""-------'), NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g') collate "und-x-icu"), 'ıøłđðħŧςٱةىیکہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'iolddhtσاهييكههه01234567890123456789'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC)) STORED NOT NULL;

ALTER TABLE "user" ADD COLUMN "folded" text GENERATED ALWAYS AS (normalize(replace(replace(replace(replace(translate(lower(regexp_replace(normalize(translate(given_name || ' ' || family_name || ' ' || email, '‘’‛ʼʻʹ′´`׳“”„״‐‑‒–—−־', '''''''''''''''''''''""""-------'), NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g') collate "und-x-icu"), 'ıøłđðħŧςٱةىیکہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'iolddhtσاهييكههه01234567890123456789'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC)) STORED NOT NULL;

CREATE INDEX "user_name_idx" ON "user" USING btree ("family_name" collate "und-x-icu","given_name" collate "und-x-icu","id");

-- Texts that were typed before are brought to the form in which they are stored now.
UPDATE "user" SET
	"given_name" = coalesce(nullif(regexp_replace(normalize("given_name", NFC), '[\u200b\u2060\ufeff]', '', 'g'), ''), "given_name"),
	"family_name" = regexp_replace(normalize("family_name", NFC), '[\u200b\u2060\ufeff]', '', 'g'),
	"department" = nullif(regexp_replace(normalize("department", NFC), '[\u200b\u2060\ufeff]', '', 'g'), '')
WHERE concat("given_name", "family_name", "department") IS NOT NFC NORMALIZED
	OR concat("given_name", "family_name", "department") ~ '[\u200b\u2060\ufeff]';

UPDATE "course" SET "title" = normalize("title", NFC), "summary" = normalize("summary", NFC)
WHERE "title" IS NOT NFC NORMALIZED OR "summary" IS NOT NFC NORMALIZED;

UPDATE "course_module" SET "title" = normalize("title", NFC) WHERE "title" IS NOT NFC NORMALIZED;

UPDATE "lesson" SET "title" = normalize("title", NFC) WHERE "title" IS NOT NFC NORMALIZED;

UPDATE "category" SET "name" = normalize("name", NFC) WHERE "name" IS NOT NFC NORMALIZED;

-- The words the catalog searches were cut in JavaScript, which has folded them less until now. Only words with other
-- letters than ASCII change; names with signs (C++, C#) are words of their own from now on.
CREATE FUNCTION "lectern_fold"("word" text) RETURNS text LANGUAGE sql IMMUTABLE AS $fold$
	SELECT normalize(replace(replace(replace(replace(translate(lower(regexp_replace(normalize(translate("word", '‘’‛ʼʻʹ′´`׳“”„״‐‑‒–—−־', '''''''''''''''''''''""""-------'), NFKD), '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]', '', 'g') collate "und-x-icu"), 'ıøłđðħŧςٱةىیکہھە٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'iolddhtσاهييكههه01234567890123456789'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'), NFC)
$fold$;

UPDATE "course" c SET
	"search" = coalesce((
		SELECT string_agg(quote_literal(f.word) || ':' || place.at || place.weight, ' ')
		FROM unnest(c."search") AS s(lexeme, positions, weights)
		CROSS JOIN LATERAL (SELECT CASE WHEN s.lexeme ~ '^[ -~]*$' THEN s.lexeme ELSE "lectern_fold"(s.lexeme) END) AS f(word)
		CROSS JOIN LATERAL unnest(s.positions, s.weights) AS place(at, weight)
		WHERE f.word <> ''
	), '')::tsvector || coalesce((
		SELECT string_agg(quote_literal(name[1]) || ':1' || spoken.weight, ' ')
		FROM (
			SELECT c."title" AS "text", 'A' AS weight UNION ALL SELECT c."summary", 'B'
			UNION ALL SELECT l."title", 'C' FROM "lesson" l WHERE l."course_id" = c."id" AND l."status" = 'published'
		) AS spoken
		CROSS JOIN LATERAL regexp_matches(lower(spoken."text"), '([a-z0-9]+(?:\+\+|#))(?![a-z])', 'g') AS name
	), '')::tsvector,
	"typo" = coalesce((
		SELECT string_agg(DISTINCT quote_literal(f.word), ' ')
		FROM unnest(tsvector_to_array(c."typo")) AS lexeme
		CROSS JOIN LATERAL (SELECT CASE WHEN lexeme ~ '^[ -~]*$' THEN lexeme ELSE "lectern_fold"(lexeme) END) AS f(word)
		WHERE f.word <> ''
	), '')::tsvector
WHERE c."search"::text ~ '[^ -~]' OR c."typo"::text ~ '[^ -~]'
	OR EXISTS (SELECT FROM "lesson" l WHERE l."course_id" = c."id" AND l."title" ~ '[+#]')
	OR c."title" || c."summary" ~ '[+#]';

DROP FUNCTION "lectern_fold"(text);
