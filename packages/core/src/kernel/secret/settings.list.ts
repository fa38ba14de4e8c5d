// Every setting the code knows, with the value it begins with. Imports nothing, so that infra/ can: it makes a parameter
// of each, and a rule holds the two together.

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
