const roleWords: Readonly<Record<string, string>> = {
  owner: "an owner",
  admin: "an admin",
  instructor: "an instructor",
  assistant: "an assistant",
  moderator: "a moderator",
  learner: "a learner",
  billing: "the person who looks after billing",
};

/** Returns "an owner and an instructor". */
export const rolesInWords = (roles: readonly string[]): string =>
  new Intl.ListFormat("en").format(roles.map((role) => roleWords[role] ?? role));
