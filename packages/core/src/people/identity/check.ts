import * as z from "zod";
import { useActor } from "../../kernel/actor/index.ts";
import { fn } from "../../kernel/fn/index.ts";
import { Permission, type PermissionName, permissions } from "../../kernel/permission/index.ts";

const isPermission = (name: string): name is PermissionName => Object.hasOwn(permissions, name);

const Check = z.object({
  permission: z.string().max(100),
  resource: z.object({ type: z.string().max(40), id: z.string().max(100) }).optional(),
  /** Returned with the answer, so a caller can match questions. No permission depends on it yet. */
  context: z.record(z.string().max(100), z.unknown()).optional(),
});

/** Hidden and missing resources are refused in the same words, as in the guards. */
const told = (decision: Permission.Decision): Permission.Decision =>
  decision.refusal === "not_found" ? { ...decision, reason: "That is not available." } : decision;

/** Returns whether the actor may do these things, and why, in the given order. Uses the guards' own judge. */
export const checkPermissions = fn.public(
  "everyone may ask what they themselves may do",
  z.object({ checks: z.array(Check).min(1).max(100) }),
  async ({ checks }) => {
    const actor = useActor();
    const answers = [];
    for (const { permission, resource, context } of checks) {
      const { allowed, reason } = isPermission(permission)
        ? told(await Permission.decide(permission, resource, actor))
        : { allowed: false, reason: "No such permission." };
      answers.push({
        permission,
        ...(resource && { resource }),
        ...(context && { context }),
        allowed,
        reason,
      });
    }
    return answers;
  },
);
