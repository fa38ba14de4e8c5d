import { withQuery } from "@lectern/core/kernel/path";
import { useLocation } from "@remix-run/react";
import { common } from "../../messages/en/common.ts";
import { buttonClass } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** Links to the CSV of a list with its filters. A plain `<a>`, because Remix cannot navigate to a download. */
export function ExportLink({ to, className }: { to: string; className?: string }) {
  const params = new URLSearchParams(useLocation().search);
  params.delete("cursor");
  return (
    <a href={withQuery(to, params)} className={buttonClass("secondary", "normal", className)}>
      <Icon name="download" />
      {common("exportCsv")}
    </a>
  );
}
