import * as z from "zod";

const arn = z.string().min(1);

/** A cell as infra/ made it: where its parts are, and where the passwords of its roles lie. */
export const CellSeed = z.object({
  id: z.string().min(1),
  host: z.string().min(1),
  directHost: z.string().min(1),
  port: z.number().int(),
  database: z.string().min(1),
  table: z.string().min(1),
  max: z.number().int().positive(),
  /** There is no proxy: the two roles of running code sign in at the server itself, by IAM token. */
  signsInByToken: z.boolean(),
  secrets: z.object({
    /** JSON `{ username, password }`, kept by RDS. */
    admin: arn,
    migrator: arn,
    provisioner: arn,
    /** JSON `{ username, password }`, for the proxy; absent where there is none. */
    app: arn.optional(),
    platform: arn.optional(),
  }),
});
export type CellSeed = z.output<typeof CellSeed>;

/** `Resource.CellSeed`: the cells of the stage, the first of them first. */
export const CellSeeds = z.object({ cells: z.array(CellSeed).min(1) });

/**
 * What a deployment asks for: before it begins, whether it may do without these cells; then to bring everything along; and
 * at its end to open the cells that are new.
 */
export const Step = z.discriminatedUnion("step", [
  z.object({ step: z.literal("may-leave"), cells: z.array(z.string()) }),
  z.object({ step: z.literal("migrate") }),
  z.object({ step: z.literal("open") }),
]);

export const Login = z.object({ username: z.string().min(1), password: z.string().min(1) });
