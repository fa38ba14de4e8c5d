import { useState } from "react";
import { Button } from "../components/ui/index.ts";
import { domains } from "../messages/en/domains.ts";

interface DnsRecord {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** Records to set at a DNS provider, each part ready to be copied. On a phone each part has a line of its own. */
export function Records({ records, host }: { records: readonly DnsRecord[]; host: string }) {
  return (
    <ul className="grid gap-3">
      {records.map((record) => (
        <li key={`${record.type} ${record.name}`} className="rounded-m border border-line-strong bg-ground px-4 py-3">
          <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[4rem_minmax(0,1fr)] sm:items-center">
            <dt className="text-muted">{domains("type")}</dt>
            <dd className="font-mono">{record.type}</dd>
            <dt className="text-muted">{domains("recordName")}</dt>
            <dd>
              <Copied text={record.name} label={domains("copyOf", { what: domains("recordName"), host })} />
            </dd>
            <dt className="text-muted">{domains("value")}</dt>
            <dd>
              <Copied text={record.value} label={domains("copyOf", { what: domains("value"), host })} />
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}

function Copied({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <code dir="ltr" className="min-w-0 font-mono break-all select-all">
        {text}
      </code>
      <Button
        type="button"
        variant="secondary"
        size="small"
        className="scripted"
        aria-label={isCopied ? undefined : label}
        onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        {domains(isCopied ? "copied" : "copy")}
      </Button>
    </span>
  );
}
