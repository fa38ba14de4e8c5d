// Parses OpenMetrics as strictly as its grammar requires, to test our output.
// https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string | undefined;
  readonly samples: readonly Sample[];
}

const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const about = new RegExp(`^# (TYPE|UNIT|HELP) (${name}) (.*)$`);
const sampleLine = new RegExp(`^(${name})(?:\\{(.*)\\})? (\\S+)$`);
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const float = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  gauge: [""],
};

/** @throws Error that names the line which breaks the grammar */
export function parseOpenMetrics(text: string): MetricFamily[] {
  if (!text.endsWith("\n")) throw new Error("the text must end with a line feed");
  const lines = text.slice(0, -1).split("\n");
  if (lines.pop() !== "# EOF") throw new Error("the last line must be # EOF");
  const said = new Set<string>();
  const families: (Omit<MetricFamily, "samples"> & { samples: Sample[] })[] = [];
  for (const line of lines) {
    const broken = (why: string) => new Error(`${why}: ${line}`);
    const told = about.exec(line);
    if (told) {
      const [, what, of = "", rest = ""] = told;
      let family = families.at(-1);
      if (family?.name !== of) {
        if (families.some((each) => each.name === of)) throw broken("a family must stand in one piece");
        family = { name: of, type: "unknown", unit: undefined, help: undefined, samples: [] };
        families.push(family);
      }
      if (family.samples.length > 0) throw broken("what is said of a family comes before its samples");
      if (what === "TYPE") {
        if (!(rest in suffixes)) throw broken("no such type");
        Object.assign(family, { type: rest });
      } else if (what === "UNIT") {
        if (!of.endsWith(`_${rest}`)) throw broken("a name ends with its unit");
        Object.assign(family, { unit: rest });
      } else Object.assign(family, { help: rest });
      continue;
    }
    const sample = sampleLine.exec(line);
    const family = families.at(-1);
    if (!sample || !family) throw broken("neither a sample nor a word about one");
    const [, full = "", inner, value = ""] = sample;
    if (!full.startsWith(family.name) || !suffixes[family.type]?.includes(full.slice(family.name.length)))
      throw broken(`not a sample of the ${family.type} ${family.name}`);
    if (!float.test(value)) throw broken("not a number");
    const labels = labelsOf(inner ?? "", broken);
    const key = JSON.stringify([full, ...Object.entries(labels).sort()]);
    if (said.has(key)) throw broken("said twice");
    said.add(key);
    family.samples.push({ name: full, labels, value: Number(value) });
  }
  for (const family of families) if (family.type === "histogram") checkHistogram(family);
  for (const family of families)
    for (const { value } of family.samples) if (value < 0) throw new Error(`${family.name} counts below nothing`);
  return families;
}

function labelsOf(inner: string, broken: (why: string) => Error): Record<string, string> {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < inner.length) {
    const at = label.lastIndex;
    const found = label.exec(inner);
    if (!found) throw broken(`bad labels from "${inner.slice(at)}"`);
    const [all, key = "", value = "", comma] = found;
    if (key in labels) throw broken(`the label ${key} stands twice`);
    if (comma === "," && at + all.length === inner.length) throw broken("a comma at the end");
    labels[key] = value.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  }
  return labels;
}

/** Checks that a histogram's buckets rise, end in +Inf and agree with the count. */
function checkHistogram({ name: of, samples }: MetricFamily): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => JSON.stringify(rest));
  for (const [labels, group] of groups) {
    const say = (what: string) => new Error(`${of}${labels}: ${what}`);
    const buckets = group.filter((each) => each.name.endsWith("_bucket"));
    const bounds = buckets.map(({ labels: { le = "" } }) => {
      if (le !== "+Inf" && !/\d\.\d/.test(le)) throw say(`the bound ${le} is not a float`);
      return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
    });
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw say("the last bound is not +Inf");
    const isRising = (values: readonly number[], isStrict: boolean) =>
      values.every((value, i) => i === 0 || (isStrict ? value > (values[i - 1] ?? 0) : value >= (values[i - 1] ?? 0)));
    if (!isRising(bounds, true)) throw say("bounds do not rise");
    if (
      !isRising(
        buckets.map(({ value }) => value),
        false,
      )
    )
      throw say("buckets are not cumulative");
    const count = group.find((each) => each.name.endsWith("_count"))?.value;
    if (count !== buckets.at(-1)?.value) throw say("the count is not what +Inf holds");
    if (!group.some((each) => each.name.endsWith("_sum"))) throw say("the sum is missing");
  }
}
