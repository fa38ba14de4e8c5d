import { useEffect, useRef, useState } from "react";
import { Button, Notice } from "../components/ui/index.ts";
import { admin } from "../messages/en/admin.ts";

/** A key that has just been made: seen this once. It takes the focus, so that nobody misses it. */
export function NewKey({ name, text }: { name: string; text: string }) {
  const [isCopied, setCopied] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="mb-10 outline-none">
      <Notice tone="success">
        <p>{admin("keyMade", { name })}</p>
        <p className="mt-3 flex flex-wrap items-center gap-3">
          <code className="min-w-0 rounded-s bg-ground px-2.5 py-1.5 font-mono text-sm break-all select-all" dir="ltr">
            {text}
          </code>
          <Button
            type="button"
            variant="secondary"
            size="small"
            className="scripted"
            onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
          >
            {admin(isCopied ? "keyCopied" : "keyCopy")}
          </Button>
        </p>
      </Notice>
    </div>
  );
}
