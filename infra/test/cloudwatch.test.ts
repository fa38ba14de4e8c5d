import { expect, test } from "vitest";
import { type Alarm, compositeState, type Series, type State, stateOf } from "./cloudwatch.ts";

const alarm = (more: Partial<Alarm>): Alarm => ({
  namespace: "Test",
  metricName: "m",
  statistic: "Sum",
  comparisonOperator: "GreaterThanThreshold",
  threshold: 0.5,
  evaluationPeriods: 3,
  ...more,
});
/** AWS's notation: 0 is good, X is bad, - is missing. */
const drawn = (picture: string): Series => [...picture].map((each) => (each === "-" ? null : each === "X" ? 1 : 0));

// The tables of "Configuring how CloudWatch alarms treat missing data" in order, followed by rows of earlier editions
// and of the page's text about premature alarms. "keep" means that the state does not change.
test.each<[string, number, string, string, string, string]>([
  ["0-X-X", 3, "OK", "OK", "OK", "OK"],
  ["0----", 3, "OK", "OK", "OK", "OK"],
  ["-----", 3, "INSUFFICIENT_DATA", "keep", "ALARM", "OK"],
  ["0XX-X", 3, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["--X--", 3, "ALARM", "keep", "ALARM", "OK"],
  ["X----", 3, "ALARM", "keep", "ALARM", "OK"],
  ["----X", 3, "INSUFFICIENT_DATA", "keep", "ALARM", "OK"],
  ["---X-", 3, "INSUFFICIENT_DATA", "keep", "ALARM", "OK"],
  ["---X0", 3, "OK", "OK", "OK", "OK"],
  ["--X-0", 3, "OK", "OK", "OK", "OK"],
  ["0-X-X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["00X0X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0-X--", 2, "OK", "OK", "ALARM", "OK"],
  ["----0", 2, "OK", "OK", "ALARM", "OK"],
  ["---X-", 2, "ALARM", "keep", "ALARM", "OK"],
  ["----X", 2, "INSUFFICIENT_DATA", "keep", "ALARM", "OK"],
])("%s, %i of 3: missing %s, ignore %s, breaching %s, notBreaching %s", (picture, datapointsToAlarm, ...expected) => {
  for (const before of ["OK", "ALARM"] satisfies State[]) {
    const states = ["missing", "ignore", "breaching", "notBreaching"].map((treatMissingData) =>
      stateOf(alarm({ datapointsToAlarm, treatMissingData }), () => drawn(picture), before),
    );
    expect(states).toEqual(expected.map((state) => (state === "keep" ? before : state)));
  }
});

test("an alarm on a table that does not say keeps its state while nothing is reported; one that says otherwise does not", () => {
  for (const before of ["OK", "ALARM"] satisfies State[]) {
    const state = (more: Partial<Alarm>) => stateOf(alarm(more), () => drawn("-----"), before);
    expect(state({ namespace: "AWS/DynamoDB" })).toBe(before);
    expect(state({ namespace: "AWS/DynamoDB", treatMissingData: "notBreaching" })).toBe("OK");
    expect(state({})).toBe("INSUFFICIENT_DATA");
  }
});

test("metric math divides, fills and chooses; a division by nothing is missing", () => {
  const queries = (expression: string): Alarm =>
    alarm({
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
      metricQueries: [
        { id: "e", metric: { metricName: "errors", stat: "Sum" } },
        { id: "r", metric: { metricName: "requests", stat: "Sum" } },
        { id: "x", expression, returnData: true },
      ],
    });
  const state = (expression: string, errors: number | null, requests: number | null) =>
    stateOf(queries(expression), ({ metricName }) => [metricName === "errors" ? errors : requests]);
  expect(state("100 * e / r", 1, 100)).toBe("ALARM");
  expect(state("100 * e / r", 1, 1000)).toBe("OK");
  expect(state("e / r", 1, 0)).toBe("OK");
  expect(state("FILL(e, 0) + FILL(r, 0)", null, 1)).toBe("ALARM");
  expect(state("IF(r >= 50, 100 * e / r, 0)", 10, 20)).toBe("OK");
  expect(state("IF(r >= 50, 100 * e / r, 0)", 10, 60)).toBe("ALARM");
  expect(() => state("RATE(e)", 1, 1)).toThrow(/nobody has taught/);
  expect(() => state("e / q", 1, 1)).toThrow(/not there/);
});

test("a composite alarm weighs AND before OR, and knows NOT and brackets", () => {
  const states = new Map<string, State>([
    ["a", "ALARM"],
    ["b", "OK"],
    ["c", "ALARM"],
  ]);
  expect(compositeState('ALARM("a") OR ALARM("b") AND ALARM("b")', states)).toBe("ALARM");
  expect(compositeState('(ALARM("a") OR ALARM("b")) AND ALARM("b")', states)).toBe("OK");
  expect(compositeState('ALARM("a") AND NOT ALARM("b") AND ALARM("c")', states)).toBe("ALARM");
  expect(() => compositeState('ALARM("d")', states)).toThrow(/not there/);
});
