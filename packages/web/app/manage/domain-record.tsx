import { Copyable } from "../components/ui/index.ts";
import { domains } from "../messages/en/domains.ts";

interface DnsRecord {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** Renders DNS records with a copy button per part. On phones each part has its own line. */
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
              <Copyable text={record.name} label={domains("copyOf", { what: domains("recordName"), host })} />
            </dd>
            <dt className="text-muted">{domains("value")}</dt>
            <dd>
              <Copyable text={record.value} label={domains("copyOf", { what: domains("value"), host })} />
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}
