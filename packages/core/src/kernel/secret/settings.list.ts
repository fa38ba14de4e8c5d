// Every setting with its default. Imports nothing, so that infra/ can import it and make a parameter of each; a rule
// compares the two.

interface Setting {
  /** What an operator reads beside it. */
  readonly means: string;
  readonly first: string;
  /** A regular expression that Parameter Store refuses other values by. */
  readonly pattern: string;
}

export const settings = {
  "mail/settle-seconds": {
    means: "Seconds after which the mail provider's silence on a mail means that it never had it.",
    first: "600",
    pattern: "^[1-9][0-9]{0,4}$",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
