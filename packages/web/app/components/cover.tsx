import { cx } from "../util/class.ts";

/**
 * Renders a course's cover. Without a picture it draws a figure in the school's accent, seeded by the title. It is
 * decoration, so screen readers skip it.
 */
export function Cover({ title, url }: { title: string; url: string | null }) {
  if (url)
    return (
      <img
        src={url}
        alt=""
        loading="lazy"
        decoding="async"
        className="aspect-8/5 w-full rounded-m bg-hover object-cover"
      />
    );
  const seed = hash(title);
  const draw = figures[seed % figures.length] ?? arcs;
  const isSolid = (seed >>> 8) % 3 === 0;
  return (
    <svg
      viewBox="0 0 320 200"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      className={cx(
        "aspect-8/5 w-full rounded-m",
        isSolid ? "bg-accent text-on-accent" : "bg-accent-tint text-accent-ink",
      )}
    >
      {draw(numbers(seed))}
    </svg>
  );
}

type Next = () => number;

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

/** Returns a seeded generator of numbers from 0 to 1 (mulberry32). */
function numbers(seed: number): Next {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const stroke = { fill: "none", stroke: "currentColor", strokeLinecap: "round" } as const;

function page(next: Next) {
  let d = "";
  for (let row = 0; row < 8; row++) d += `M40 ${38 + row * 18}h${row % 4 === 3 ? 40 + next() * 70 : 170 + next() * 70}`;
  return <path d={d} {...stroke} strokeWidth={7} />;
}

function arcs(next: Next) {
  const x = next() < 0.5 ? 0 : 320;
  const y = next() < 0.5 ? 0 : 200;
  return Array.from({ length: 8 }, (_, i) => 30 + i * 34).map((r) => (
    <circle key={r} cx={x} cy={y} r={r} {...stroke} strokeWidth={next() < 0.3 ? 12 : 3} />
  ));
}

function tiles(next: Next) {
  const size = 40;
  let d = "";
  for (let y = 0; y < 200; y += size)
    for (let x = 0; x < 320; x += size)
      d +=
        next() < 0.5
          ? `M${x} ${y + 20}a20 20 0 0 0 20-20M${x + 20} ${y + size}a20 20 0 0 1 20-20`
          : `M${x + 20} ${y}a20 20 0 0 0 20 20M${x} ${y + 20}a20 20 0 0 1 20 20`;
  return <path d={d} {...stroke} strokeWidth={4} />;
}

function dots(next: Next) {
  const cx = 40 + next() * 240;
  const cy = 30 + next() * 140;
  let d = "";
  for (let y = 20; y < 200; y += 20)
    for (let x = 20; x < 320; x += 20) {
      const r = Math.max(1.2, 8 - Math.hypot(x - cx, y - cy) / 22).toFixed(1);
      d += `M${x} ${y}m-${r} 0a${r} ${r} 0 1 0 ${Number(r) * 2} 0a${r} ${r} 0 1 0-${Number(r) * 2} 0`;
    }
  return <path d={d} fill="currentColor" />;
}

function waves(next: Next) {
  const height = 8 + next() * 14;
  let d = "";
  for (let y = 30; y < 200; y += 24) {
    const shift = next() * 40;
    d += `M${-40 - shift} ${y}`;
    for (let i = 0; i < 6; i++) d += `q20-${height} 40 0t40 0`;
  }
  return <path d={d} {...stroke} strokeWidth={4} />;
}

function steps(next: Next) {
  const count = 7;
  let d = "";
  for (let i = 0; i < count; i++) {
    const height = 24 + i * 20 + next() * 14;
    d += `M${46 + i * 34} 176v-${height.toFixed(0)}`;
  }
  return <path d={d} {...stroke} strokeWidth={14} strokeLinecap="butt" />;
}

const figures = [page, arcs, tiles, dots, waves, steps] as const;
