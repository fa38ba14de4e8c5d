import { useActor } from "../../kernel/actor/index.ts";

/** The person behind the work, where there is one: they become the course's instructor. */
export const authorOf = (): string | null => {
  const actor = useActor();
  return actor.type === "user" ? actor.userId : actor.type === "system" ? (actor.onBehalfOf ?? null) : null;
};
