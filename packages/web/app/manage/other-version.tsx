import { diffLines } from "diff";
import { useMemo } from "react";
import { Notice } from "../components/ui/index.ts";
import { studio } from "../messages/en/studio.ts";

interface Text {
  readonly label: string;
  readonly theirs: string;
  readonly mine: string;
}

/** Edit distance above which the comparison would be too slow; both texts then appear without marks. */
const longestEdit = 1_000;

/**
 * Shows another editor's version beside the typed text, with changed lines marked. It is inside the form, so a save
 * overwrites the other version only after the editor has seen it.
 */
export function OtherVersion({
  texts,
  takeTheirs,
  body = studio("staleBody"),
}: {
  texts: readonly Text[];
  takeTheirs: string;
  /** What to do, on pages that keep no earlier versions. */
  body?: string;
}) {
  const changed = texts.filter(({ theirs, mine }) => theirs !== mine);
  return (
    <section aria-labelledby="other-version" className="grid gap-5 rounded-m border border-line-strong p-4 md:p-5">
      <h2 id="other-version" className="text-lg font-semibold">
        {studio("staleTitle")}
      </h2>
      <Notice tone="warning">{body}</Notice>
      {changed.map((text) => (
        <Compared key={text.label} {...text} />
      ))}
      <p>
        {/* A plain link: it must reload the document to discard the typed text. */}
        <a href={takeTheirs} className="link">
          {studio("takeTheirs")}
        </a>
      </p>
    </section>
  );
}

/** Renders two texts with changed lines marked. */
export function Compared({
  label,
  theirs,
  mine,
  titles = [studio("theirs"), studio("mineText")],
}: Text & { titles?: [string, string] }) {
  const lines = useMemo(() => compare(theirs, mine), [theirs, mine]);
  return (
    <div className="grid gap-2">
      <h3 className="font-medium">{label}</h3>
      <div className="grid gap-3 md:grid-cols-2">
        <Side title={titles[0]} lines={lines.theirs} />
        <Side title={titles[1]} lines={lines.mine} />
      </div>
    </div>
  );
}

interface Line {
  readonly text: string;
  readonly isDifferent: boolean;
}

function Side({ title, lines }: { title: string; lines: readonly Line[] }) {
  return (
    <div className="grid min-w-0 content-start gap-1">
      <p className="text-sm text-muted">{title}</p>
      <pre
        className="max-h-96 overflow-auto rounded-s border border-line bg-sunk p-3 text-sm wrap-anywhere whitespace-pre-wrap"
        dir="auto"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        {lines.map((line, at) =>
          line.isDifferent ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
            <mark key={at} className="block bg-warning-tint text-warning-ink">
              {line.text}
            </mark>
          ) : (
            line.text
          ),
        )}
      </pre>
    </div>
  );
}

function compare(theirs: string, mine: string): { theirs: Line[]; mine: Line[] } {
  const parts = diffLines(theirs, mine, { maxEditLength: longestEdit });
  if (!parts) return { theirs: [{ text: theirs, isDifferent: false }], mine: [{ text: mine, isDifferent: false }] };
  const side = (other: "added" | "removed") =>
    parts.filter((part) => !part[other]).map((part) => ({ text: part.value, isDifferent: part.added || part.removed }));
  return { theirs: side("added"), mine: side("removed") };
}
