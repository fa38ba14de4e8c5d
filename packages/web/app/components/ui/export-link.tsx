import { withQuery } from "@lectern/core/kernel/path";
import { useLocation } from "@remix-run/react";
import { common } from "../../messages/en/common.ts";
import { buttonClass } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** Saves a list as it is filtered, all of its pages, as a file. A plain link: an answer to save is not a page to go to. */
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
