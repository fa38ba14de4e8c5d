import { type ParseArgsConfig, parseArgs } from "node:util";

export function optionsOf<const O extends NonNullable<ParseArgsConfig["options"]>>(help: string, options: O) {
  const end = (code: number, text: string): never => {
    process.stderr.write(text);
    process.exit(code);
  };
  try {
    const { values } = parseArgs({ options: { ...options, help: { type: "boolean", short: "h" } as const } });
    if ((values as { help?: boolean }).help) return end(0, `${help}\n`);
    return values;
  } catch (error) {
    return end(2, `${error instanceof Error ? error.message : String(error)}\n\n${help}\n`);
  }
}
