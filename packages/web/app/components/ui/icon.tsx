import { cx } from "../../util/class.ts";

const paths = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
  bell: "M8 2a4 4 0 0 0-4 4c0 3.5-1.5 4.5-1.5 5.5h11c0-1-1.5-2-1.5-5.5a4 4 0 0 0-4-4Zm-1.5 12h3",
  check: "m3.5 8.5 3 3 6-7",
  close: "m4 4 8 8m0-8-8 8",
  down: "m4 6.5 4 4 4-4",
  next: "m6.5 4 4 4-4 4",
  previous: "m9.5 4-4 4 4 4",
  outline: "M2.5 4h11M2.5 8h7M2.5 12h9",
  plus: "M8 3.5v9M3.5 8h9",
  external: "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7m0-3.5L7.5 8.5",
  learn: "M8 4.2C6.6 3.3 4.7 3 2.5 3v9.5c2.2 0 4.1.3 5.5 1.2 1.4-.9 3.3-1.2 5.5-1.2V3C11.3 3 9.4 3.3 8 4.2Zm0 0v9.5",
  courses: "M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z",
  person: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8Zm-5 5.5c.6-2.3 2.5-3.5 5-3.5s4.4 1.2 5 3.5",
  health: "M1.5 8.5h3l2-5 3 9 2-4h3",
  home: "M2.5 7.5 8 3l5.5 4.5M4 6.5v7h8v-7",
  warning: "M8 2.5 1.8 13.5h12.4L8 2.5Zm0 4.3v3.2m0 1.8v.2",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12Zm0-6.5V11m0-6v.2",
  lock: "M4 7.5h8v6H4zM5.75 7.5V5a2.25 2.25 0 0 1 4.5 0v2.5",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  print: "M4.5 6V2.5h7V6m-7 5.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
  drag: "M6 4v.01M10 4v.01M6 8v.01M10 8v.01M6 12v.01M10 12v.01",
  more: "M3.5 8v.01M8 8v.01M12.5 8v.01",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9",
  edit: "m3 13 .7-3L10.5 3.2l2.3 2.3L6 12.3 3 13Z",
  up: "m4 9.5 4-4 4 4",
  download: "M8 3v7m-3-3 3 3 3-3m-8.5 3.5v2h11v-2",
  upload: "M8 10.5v-7m-3 3 3-3 3 3m-8.5 5v2h11v-2",
  mail: "M2.5 4h11v8h-11zm0 .5L8 9l5.5-4.5",
  key: "M9.5 9A3.25 3.25 0 1 0 7 6.5L2.5 11v2.5H5V12h1.5v-1.5L8.5 9Zm1.3-3.8v.01",
  people:
    "M6 7.5a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5Zm-4.25 5.5c.5-2 2-3 4.25-3s3.75 1 4.25 3M10.5 3.2a2.25 2.25 0 0 1 0 4.1m1.6 3c1.2.4 1.9 1.3 2.15 2.7",
  settings:
    "M2.5 4.5h6m3 0h2m-11 7h2m3 0h6M10 6a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM6 13a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
  brand:
    "M8 2.5a5.5 5.5 0 1 0 0 11c1.2 0 1.5-.8 1.2-1.6-.4-1.1.1-2 1.3-2h1.3c1 0 1.7-.8 1.7-1.9A5.5 5.5 0 0 0 8 2.5ZM5.2 7v.01M8 5v.01M10.8 7v.01",
} as const;

export type IconName = keyof typeof paths;

/** Renders a 16-unit line icon in `currentColor`. Decorative: the text beside it or the control's label names it. */
export function Icon({ name, className }: { name: IconName; className?: string }) {
  const flips = name === "next" || name === "previous" || name === "external";
  return (
    <svg
      viewBox="0 0 16 16"
      aria-hidden="true"
      focusable="false"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "drag" || name === "more" ? 2 : 1.4}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={cx("size-4 shrink-0", flips && "rtl:-scale-x-100", className)}
    >
      <path d={paths[name]} />
    </svg>
  );
}
