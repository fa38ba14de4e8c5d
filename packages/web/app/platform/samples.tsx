import type { ReactNode } from "react";
import { Icon } from "../components/ui/icon.tsx";
import { learn } from "../messages/en/learn.ts";
import { platform } from "../messages/en/platform.ts";
import { cx } from "../util/class.ts";

// Samples of the product. They illustrate the text beside them, so assistive technology skips them.

function Sheet({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div
      aria-hidden="true"
      className={cx("min-w-0 overflow-hidden rounded-m border border-line-strong bg-surface select-none", className)}
    >
      {children}
    </div>
  );
}

const Line = ({ percent }: { percent: number }) => (
  <svg aria-hidden="true" viewBox="0 0 100 2" preserveAspectRatio="none" className="block h-1 w-full">
    <rect width="100" height="2" className="fill-line" />
    <rect width={percent} height="2" className="fill-accent-ink" />
  </svg>
);

export function LessonSample() {
  return (
    <Sheet className="shadow-float">
      <div className="flex items-center gap-2 px-5 py-3 text-sm text-muted">
        <Icon name="previous" />
        <span className="truncate">{platform("sampleModule")}</span>
        <span className="ms-auto tabular-nums">{platform("sampleIndex")}</span>
        <Icon name="outline" />
      </div>
      <Line percent={31} />
      <div className="px-6 pt-8 pb-7 md:px-9">
        <p className="font-read text-3xl font-medium">{platform("sampleLesson")}</p>
        <p className="reading mt-5 text-md! leading-relaxed!">{platform("sampleText1")}</p>
        <p className="reading mt-4 text-md! leading-relaxed!">{platform("sampleText2")}</p>
        <p className="mt-7 flex items-center gap-2 border-t border-line pt-5 font-medium text-accent-ink">
          <Icon name="check" className="size-5" />
          {learn("isDone")}
        </p>
      </div>
    </Sheet>
  );
}

/** Shows the report of an import. */
export function ReportSample() {
  const rows = [
    [platform("sampleMovedWord"), platform("sampleMoved")],
    [platform("sampleChangedWord"), platform("sampleChanged")],
    [platform("sampleDroppedWord"), platform("sampleDropped")],
  ];
  return (
    <Sheet className="px-6 py-5">
      <p className="text-sm text-muted">{platform("sampleReport")}</p>
      <div className="mt-2 divide-y divide-line">
        {rows.map(([word, text]) => (
          <p key={word} className="flex gap-4 py-3">
            <span className="w-20 shrink-0 font-semibold">{word}</span>
            <span className="text-soft">{text}</span>
          </p>
        ))}
      </div>
    </Sheet>
  );
}

export function ProgressSample() {
  return (
    <Sheet className="px-6 py-6">
      <p className="font-read text-4xl font-medium tabular-nums">{platform("samplePercent")}</p>
      <div className="mt-3 overflow-hidden rounded-full">
        <Line percent={87} />
      </div>
      <p className="mt-4 text-soft">{platform("sampleWhy")}</p>
      <div className="mt-2 divide-y divide-line border-t border-line">
        {[platform("sampleLeft1"), platform("sampleLeft2")].map((title) => (
          <p key={title} className="py-2.5 font-medium">
            {title}
          </p>
        ))}
      </div>
    </Sheet>
  );
}

export function CertificateSample() {
  return (
    <Sheet className="p-3">
      <div className="grid gap-6 rounded-s border border-accent-ink px-7 py-7">
        <p className="text-sm text-soft">Certificate of completion</p>
        <div>
          <p className="font-read text-3xl font-medium">Amina Rahimi</p>
          <p className="mt-2 font-read text-xl">Light and distance</p>
        </div>
        <p className="flex items-center gap-2 border-t border-line pt-4 text-sm text-success-ink">
          <Icon name="check" />
          Valid
          <span className="ms-auto font-mono text-muted">LRN-7K2M-9QXT-4F</span>
        </p>
      </div>
    </Sheet>
  );
}

/** Shows four accents with their text color. The fills are attributes, because the CSP refuses inline styles. */
export function BrandSample() {
  const brands = [
    { name: "Sonnenhof", fill: "#ffe100", on: "#000" },
    { name: "Northlight", fill: "#111", on: "#fff" },
    { name: "Atelier Bleu", fill: "#2b4fd8", on: "#fff" },
    { name: "Verdant", fill: "#2fd67b", on: "#000" },
  ];
  return (
    <div aria-hidden="true" className="grid grid-cols-2 gap-3">
      {brands.map((brand) => (
        <svg
          key={brand.name}
          aria-hidden="true"
          viewBox="0 0 240 96"
          className="w-full rounded-m border border-line-strong bg-surface"
        >
          <rect x="16" y="18" width="26" height="26" rx="6" fill={brand.fill} />
          <text x="29" y="37" textAnchor="middle" fontSize="17" fontWeight="600" fill={brand.on} className="font-read">
            {brand.name[0]}
          </text>
          <text x="52" y="36" fontSize="14" fontWeight="600" className="fill-ink">
            {brand.name}
          </text>
          <rect x="16" y="58" width="86" height="22" rx="6" fill={brand.fill} />
          <text x="59" y="73.5" textAnchor="middle" fontSize="11.5" fontWeight="600" fill={brand.on}>
            {learn("continue")}
          </text>
        </svg>
      ))}
    </div>
  );
}
