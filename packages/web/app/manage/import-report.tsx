import { List, Section } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

interface Item {
  readonly what: string;
  readonly where: string;
  readonly reason: string;
}
interface Report {
  readonly moved: readonly Item[];
  readonly changed: readonly Item[];
  readonly dropped: readonly Item[];
}

const parts = ["dropped", "changed", "moved"] as const;
const shown = 8;
const whole = 12;

/** Renders the result for each part of the package, skipped parts first because they need attention. */
export function ImportReport({ report }: { report: Report }) {
  return (
    <>
      {parts.map((part) => (
        <Section key={part} title={`${studio(part)} (${report[part].length})`}>
          {report[part].length === 0 ? (
            <p className="text-muted">{studio("reportNone")}</p>
          ) : (
            <>
              <Items items={report[part].slice(0, report[part].length > whole ? shown : whole)} label={studio(part)} />
              {report[part].length > whole && (
                <details>
                  <summary className="py-3 font-medium underline underline-offset-2">
                    {studio("reportMore", { count: report[part].length })}
                  </summary>
                  <Items items={report[part].slice(shown)} label={studio(part)} />
                </details>
              )}
            </>
          )}
        </Section>
      ))}
    </>
  );
}

const Items = ({ items, label }: { items: readonly Item[]; label: string }) => (
  <List label={label}>
    {items.map((item, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: a report never changes, and two lines of it may be equal.
      <li key={index} className="grid gap-x-6 py-2.5 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <span className="min-w-0">
          <span className="block font-medium break-words" dir="auto">
            {item.what}
          </span>
          {item.where !== item.what && (
            <span className="block font-mono text-sm break-all text-muted">{item.where}</span>
          )}
        </span>
        <span className="text-soft">{item.reason}</span>
      </li>
    ))}
  </List>
);
