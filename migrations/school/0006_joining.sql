ALTER TABLE "email_token" ADD COLUMN "browser_hash" text;

ALTER TABLE "email_token" ADD COLUMN "wish" jsonb;

ALTER TABLE "email_token" ADD COLUMN "email" text;

ALTER TABLE "invitation" ADD COLUMN "course_id" text;
