import * as z from "zod";

const arn = z.string().min(1);

/** A cell as infra/ created it: its addresses and the ARNs of its passwords. */
export const CellSeed = z.object({
  id: z.string().min(1),
  host: z.string().min(1),
  directHost: z.string().min(1),
  port: z.number().int(),
  database: z.string().min(1),
  table: z.string().min(1),
  max: z.number().int().positive(),
  /** Without a proxy, the two application roles sign in at the server by IAM token. */
  signsInByToken: z.boolean(),
  secrets: z.object({
    /** JSON `{ username, password }`, kept by RDS. */
    admin: arn,
    migrator: arn,
    provisioner: arn,
    /** JSON `{ username, password }`, for the proxy; absent without one. */
    app: arn.optional(),
    platform: arn.optional(),
  }),
});
export type CellSeed = z.output<typeof CellSeed>;

/** `Resource.CellSeed`: the stage's cells in order. */
export const CellSeeds = z.object({ cells: z.array(CellSeed).min(1) });

/** Steps of a deployment: before it, check that removed cells may go; then migrate; at the end open new cells. */
export const Step = z.discriminatedUnion("step", [
  z.object({ step: z.literal("may-leave"), cells: z.array(z.string()) }),
  z.object({ step: z.literal("migrate") }),
  z.object({ step: z.literal("open") }),
]);

export const Login = z.object({ username: z.string().min(1), password: z.string().min(1) });
