CREATE TABLE "former_certificate" (
	"number" text PRIMARY KEY NOT NULL,
	"certificate_id" text NOT NULL,
	"status" text NOT NULL,
	"issued_on" date NOT NULL,
	"retired_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "text_version" (
	"id" text PRIMARY KEY NOT NULL,
	"course_id" text NOT NULL,
	"lesson_id" text,
	"texts" jsonb NOT NULL,
	"replaced_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


ALTER TABLE "lesson" ALTER COLUMN "status" SET DEFAULT 'draft';

ALTER TABLE "certificate" ADD COLUMN "issued_on" date DEFAULT now() NOT NULL;

ALTER TABLE "certificate" ADD COLUMN "revoked_reason" text;

ALTER TABLE "lesson" ADD COLUMN "is_empty" boolean GENERATED ALWAYS AS (html !~* '<(img|picture|video|audio|iframe|svg|math|input|object|embed)[\s>/]' and regexp_replace(html, '<[^>]*>|&nbsp;|&#160;|[\s\u00a0\u200b\ufeff]+', '', 'g') = '') STORED NOT NULL;

ALTER TABLE "former_certificate" ADD CONSTRAINT "former_certificate_certificate_id_certificate_id_fk" FOREIGN KEY ("certificate_id") REFERENCES "certificate"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "text_version" ADD CONSTRAINT "text_version_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "text_version" ADD CONSTRAINT "text_version_lesson_id_lesson_id_fk" FOREIGN KEY ("lesson_id") REFERENCES "lesson"("id") ON DELETE cascade ON UPDATE no action;

CREATE INDEX "former_certificate_idx" ON "former_certificate" USING btree ("certificate_id");

CREATE INDEX "text_version_course_idx" ON "text_version" USING btree ("course_id","lesson_id","id");

CREATE INDEX "text_version_lesson_idx" ON "text_version" USING btree ("lesson_id");

GRANT SELECT, INSERT, UPDATE, DELETE ON
	"former_certificate",
	"text_version"
TO "$school";

UPDATE "course" SET "lesson_count" = written.lessons, "minutes" = written.minutes
FROM (
	SELECT c.id, count(l.id)::int AS lessons, coalesce(sum(l.minutes), 0)::int AS minutes
	FROM "course" c LEFT JOIN "lesson" l ON l.course_id = c.id AND l.status = 'published' AND NOT l.is_empty
	GROUP BY c.id
) written
WHERE "course".id = written.id AND ("course".lesson_count, "course".minutes) <> (written.lessons, written.minutes);

UPDATE "certificate" SET "issued_on" = ("issued_at" AT TIME ZONE coalesce((SELECT "value" ->> 'zone' FROM "setting" WHERE "key" = 'general'), 'UTC'))::date;
