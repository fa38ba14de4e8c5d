import { withQuery } from "@lectern/core/kernel/path";
import { Link } from "@remix-run/react";
import { ConfirmForm, List, Section, When } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";
import { Compared } from "./other-version.tsx";

interface Item {
  readonly id: string;
  readonly replacedAt: string;
  readonly replacedBy: string | null;
}

interface Props {
  readonly here: string;
  readonly version: number;
  readonly items: readonly Item[];
  readonly shown: (Item & { readonly texts: Readonly<Record<string, string>> }) | null;
  /** Label and current text of each field. */
  readonly now: readonly { readonly field: string; readonly label: string; readonly text: string }[];
}

/** Lists earlier versions; one of them appears beside the current text with a button to restore it. */
export function History({ here, version, items, shown, now }: Props) {
  return (
    <div id="history" className="mt-12">
      <Section title={studio("history")} lead={studio("historyLead")}>
        {shown && (
          <div className="mb-8 grid gap-5">
            <p className="text-soft">
              <Replaced item={shown} /> <When at={shown.replacedAt} />
            </p>
            {now
              .filter(({ field, text }) => (shown.texts[field] ?? "") !== text)
              .map(({ field, label, text }) => (
                <Compared
                  key={field}
                  label={label}
                  theirs={shown.texts[field] ?? ""}
                  mine={text}
                  titles={[studio("historyThen"), studio("historyNow")]}
                />
              ))}
            <ConfirmForm
              reloads
              variant="secondary"
              trigger={studio("restore")}
              confirm={studio("restoreConfirm")}
              fields={{ intent: "restore", versionId: shown.id, version: String(version) }}
            >
              {studio("restoreBody")}
            </ConfirmForm>
          </div>
        )}
        {items.length === 0 ? (
          <p className="text-soft">{studio("historyNone")}</p>
        ) : (
          <details open={shown !== null}>
            <summary className="text-soft">{studio("historyAll", { count: items.length })}</summary>
            <List>
              {items.map((item) => (
                <li key={item.id} className="flex flex-wrap items-baseline gap-x-4 py-2">
                  <Link
                    to={withQuery(here, { version: item.id })}
                    preventScrollReset
                    aria-current={item.id === shown?.id ? "true" : undefined}
                    className="link aria-current:font-semibold"
                  >
                    <When at={item.replacedAt} />
                  </Link>
                  <span className="text-sm text-muted">
                    <Replaced item={item} />
                  </span>
                </li>
              ))}
            </List>
          </details>
        )}
      </Section>
    </div>
  );
}

const Replaced = ({ item }: { item: Item }) => (
  <>{item.replacedBy ? studio("historyEntry", { name: item.replacedBy }) : studio("historySomebody")}</>
);
