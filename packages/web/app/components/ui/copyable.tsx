import { useState } from "react";
import { common } from "../../messages/en/common.ts";
import { Button } from "./button.tsx";

/** Renders text with a copy button. Pass `label` where a page has several. */
export function Copyable({ text, label }: { text: string; label?: string }) {
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
        {common(isCopied ? "copied" : "copy")}
      </Button>
    </span>
  );
}
