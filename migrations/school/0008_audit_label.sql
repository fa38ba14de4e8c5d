ALTER TABLE "audit_entry" ADD COLUMN "target_label" text;

ALTER TABLE "audit_entry" ADD COLUMN "target_user_id" text;

UPDATE "audit_entry" SET "target_user_id" = "target_id" WHERE "target_type" = 'user';

UPDATE "audit_entry" a SET "target_user_id" = e."user_id" FROM "enrollment" e WHERE a."target_type" = 'enrollment' AND e."id" = a."target_id";

UPDATE "audit_entry" a SET "target_user_id" = r."user_id" FROM "role_request" r WHERE a."target_type" = 'role_request' AND r."id" = a."target_id";

UPDATE "audit_entry" SET "target_label" = "target_id" WHERE "target_type" = 'domain';

UPDATE "audit_entry" a SET "target_label" = c."title" FROM "course" c WHERE a."target_type" = 'course' AND c."id" = a."target_id";

UPDATE "audit_entry" a SET "target_label" = c."name" FROM "category" c WHERE a."target_type" = 'category' AND c."id" = a."target_id";

UPDATE "audit_entry" a SET "target_label" = k."name" FROM "api_key" k WHERE a."target_type" = 'apiKey' AND k."id" = a."target_id";

UPDATE "audit_entry" SET "target_label" = coalesce("data" ->> 'title', "data" ->> 'name')
WHERE "target_label" IS NULL AND "target_type" IN ('course', 'category', 'apiKey');
