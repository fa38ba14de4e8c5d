ALTER TABLE "invitation" ADD COLUMN "via_key" text;

CREATE INDEX "invitation_inviter_idx" ON "invitation" USING btree ("invited_by");
