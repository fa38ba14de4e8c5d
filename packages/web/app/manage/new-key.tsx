import { useEffect, useRef } from "react";
import { Copyable, Notice } from "../components/ui/index.ts";
import { admin } from "../messages/en/admin.ts";

/** Renders a new key once. It takes focus, because the key cannot be shown again. */
export function NewKey({ name, text }: { name: string; text: string }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} className="mb-10 outline-none">
      <Notice tone="success">
        <p>{admin("keyMade", { name })}</p>
        <div className="mt-3">
          <Copyable text={text} />
        </div>
      </Notice>
    </div>
  );
}
