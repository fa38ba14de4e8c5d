ALTER TABLE "lesson" ADD COLUMN "completion_rule" text DEFAULT 'done' NOT NULL;
