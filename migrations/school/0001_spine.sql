CREATE TABLE "asset" (
	"id" text PRIMARY KEY NOT NULL,
	"course_id" text,
	"path" text NOT NULL,
	"file_name" text NOT NULL,
	"content_type" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"key" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "asset_key_unique" UNIQUE("key")
);


CREATE TABLE "category" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "category_slug_unique" UNIQUE("slug")
);


CREATE TABLE "certificate" (
	"id" text PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"enrollment_id" text NOT NULL,
	"course_id" text NOT NULL,
	"user_id" text NOT NULL,
	"learner_name" text NOT NULL,
	"course_title" text NOT NULL,
	"school_name" text NOT NULL,
	"lessons" integer NOT NULL,
	"minutes" integer NOT NULL,
	"issued_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "certificate_number_unique" UNIQUE("number"),
	CONSTRAINT "certificate_enrollment_id_unique" UNIQUE("enrollment_id")
);


CREATE TABLE "course_module" (
	"id" text PRIMARY KEY NOT NULL,
	"course_id" text NOT NULL,
	"title" text NOT NULL,
	"position" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "course_staff" (
	"course_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "course_staff_course_id_user_id_pk" PRIMARY KEY("course_id","user_id")
);


CREATE TABLE "course" (
	"id" text PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"summary" text DEFAULT '' NOT NULL,
	"description_html" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"level" text DEFAULT 'any' NOT NULL,
	"language" text DEFAULT 'en' NOT NULL,
	"category_id" text,
	"cover_asset_id" text,
	"outcomes" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"price" text DEFAULT 'free' NOT NULL,
	"lesson_count" integer DEFAULT 0 NOT NULL,
	"minutes" integer DEFAULT 0 NOT NULL,
	"published_at" timestamp (3) with time zone,
	"created_by" text,
	"version" integer DEFAULT 1 NOT NULL,
	"search" "tsvector" DEFAULT ''::tsvector NOT NULL,
	"typo" "tsvector" DEFAULT ''::tsvector NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "course_slug_unique" UNIQUE("slug"),
	CONSTRAINT "course_status_check" CHECK ("course"."status" in ('draft', 'published', 'archived'))
);


CREATE TABLE "enrollment" (
	"id" text PRIMARY KEY NOT NULL,
	"course_id" text NOT NULL,
	"user_id" text NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"enrolled_by" text,
	"completed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "import" (
	"id" text PRIMARY KEY NOT NULL,
	"package_key" text NOT NULL,
	"file_name" text NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"percent" integer DEFAULT 0 NOT NULL,
	"course_id" text,
	"report" jsonb,
	"created_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "lesson" (
	"id" text PRIMARY KEY NOT NULL,
	"course_id" text NOT NULL,
	"module_id" text NOT NULL,
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"format" text NOT NULL,
	"source" text DEFAULT '' NOT NULL,
	"html" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'published' NOT NULL,
	"position" integer NOT NULL,
	"minutes" integer DEFAULT 1 NOT NULL,
	"is_preview" boolean DEFAULT false NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "lesson_slug_key" UNIQUE("course_id","slug")
);


CREATE TABLE "audit_entry" (
	"id" text PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text,
	"action" text NOT NULL,
	"target_type" text NOT NULL,
	"target_id" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text NOT NULL,
	"is_system" boolean DEFAULT false NOT NULL
);


CREATE TABLE "email_token" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"purpose" text NOT NULL,
	"token_hash" text,
	"password_hash" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "email_token_token_hash_unique" UNIQUE("token_hash")
);


CREATE TABLE "inbox" (
	"consumer" text NOT NULL,
	"event_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_consumer_event_id_pk" PRIMARY KEY("consumer","event_id")
);


CREATE TABLE "invitation" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"roles" jsonb NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"token_hash" text,
	"invited_by" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"accepted_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invitation_token_hash_unique" UNIQUE("token_hash")
);


CREATE TABLE "role_grant" (
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"granted_by" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "role_grant_user_id_role_pk" PRIMARY KEY("user_id","role")
);


CREATE TABLE "role_request" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"role" text NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "setting" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);


CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"email_verified_at" timestamp (3) with time zone,
	"given_name" text NOT NULL,
	"family_name" text DEFAULT '' NOT NULL,
	"department" text,
	"password_hash" text,
	"status" text DEFAULT 'active' NOT NULL,
	"locale" text DEFAULT 'en' NOT NULL,
	"zone" text,
	"sessions_valid_from" timestamp (3) with time zone,
	"last_sign_in_at" timestamp (3) with time zone,
	"last_seen_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email"),
	CONSTRAINT "user_email_check" CHECK ("user"."email" = lower("user"."email")),
	CONSTRAINT "user_status_check" CHECK ("user"."status" in ('active', 'suspended'))
);


ALTER TABLE "asset" ADD CONSTRAINT "asset_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "course_module" ADD CONSTRAINT "course_module_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "course_staff" ADD CONSTRAINT "course_staff_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "course_staff" ADD CONSTRAINT "course_staff_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "course" ADD CONSTRAINT "course_category_id_category_id_fk" FOREIGN KEY ("category_id") REFERENCES "category"("id") ON DELETE set null ON UPDATE no action;

ALTER TABLE "course" ADD CONSTRAINT "course_cover_asset_id_asset_id_fk" FOREIGN KEY ("cover_asset_id") REFERENCES "asset"("id") ON DELETE set null ON UPDATE no action;

ALTER TABLE "enrollment" ADD CONSTRAINT "enrollment_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "enrollment" ADD CONSTRAINT "enrollment_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "import" ADD CONSTRAINT "import_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE set null ON UPDATE no action;

ALTER TABLE "lesson" ADD CONSTRAINT "lesson_course_id_course_id_fk" FOREIGN KEY ("course_id") REFERENCES "course"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "lesson" ADD CONSTRAINT "lesson_module_id_course_module_id_fk" FOREIGN KEY ("module_id") REFERENCES "course_module"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "email_token" ADD CONSTRAINT "email_token_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "role_grant" ADD CONSTRAINT "role_grant_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;

ALTER TABLE "role_request" ADD CONSTRAINT "role_request_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE cascade ON UPDATE no action;

CREATE INDEX "asset_course_idx" ON "asset" USING btree ("course_id");

CREATE INDEX "certificate_user_idx" ON "certificate" USING btree ("user_id");

CREATE INDEX "course_module_course_idx" ON "course_module" USING btree ("course_id","position");

CREATE INDEX "course_staff_user_idx" ON "course_staff" USING btree ("user_id");

CREATE INDEX "course_status_idx" ON "course" USING btree ("status","published_at","id");

CREATE INDEX "course_category_idx" ON "course" USING btree ("category_id","status");

CREATE INDEX "course_search_idx" ON "course" USING gin ("search");

CREATE INDEX "course_typo_idx" ON "course" USING gin ("typo");

CREATE INDEX "course_cover_idx" ON "course" USING btree ("cover_asset_id");

CREATE UNIQUE INDEX "enrollment_person_idx" ON "enrollment" USING btree ("course_id","user_id");

CREATE INDEX "enrollment_user_idx" ON "enrollment" USING btree ("user_id","status");

CREATE INDEX "enrollment_course_idx" ON "enrollment" USING btree ("course_id","status","id");

CREATE INDEX "import_created_idx" ON "import" USING btree ("created_at");

CREATE INDEX "lesson_course_idx" ON "lesson" USING btree ("course_id","position");

CREATE INDEX "lesson_module_idx" ON "lesson" USING btree ("module_id","position");

CREATE INDEX "audit_entry_at_idx" ON "audit_entry" USING btree ("at","id");

CREATE INDEX "audit_entry_target_idx" ON "audit_entry" USING btree ("target_type","target_id","at");

CREATE INDEX "email_token_user_idx" ON "email_token" USING btree ("user_id","purpose","created_at");

CREATE INDEX "inbox_at_idx" ON "inbox" USING btree ("at");

CREATE UNIQUE INDEX "invitation_open_idx" ON "invitation" USING btree ("email") WHERE "invitation"."accepted_at" is null and "invitation"."revoked_at" is null;

CREATE INDEX "invitation_created_idx" ON "invitation" USING btree ("created_at");

CREATE INDEX "role_grant_role_idx" ON "role_grant" USING btree ("role");

CREATE UNIQUE INDEX "role_request_pending_idx" ON "role_request" USING btree ("user_id","role") WHERE "role_request"."status" = 'pending';

CREATE INDEX "role_request_status_idx" ON "role_request" USING btree ("status","created_at");

CREATE INDEX "user_name_idx" ON "user" USING btree ("family_name","given_name","id");

CREATE INDEX "user_activity_idx" ON "user" USING btree ("last_seen_at");

CREATE INDEX "user_department_idx" ON "user" USING btree ("department");

GRANT SELECT, INSERT, UPDATE, DELETE ON
	"asset",
	"category",
	"certificate",
	"course",
	"course_module",
	"course_staff",
	"email_token",
	"enrollment",
	"import",
	"inbox",
	"invitation",
	"lesson",
	"role_grant",
	"role_request",
	"setting",
	"user"
TO "$school";

GRANT SELECT, INSERT ON
	"audit_entry"
TO "$school";
