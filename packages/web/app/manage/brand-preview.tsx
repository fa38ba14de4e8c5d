import { admin } from "../messages/en/admin.ts";

interface Tokens {
  readonly light: Readonly<Record<string, string>>;
  readonly dark: Readonly<Record<string, string>>;
}

/** The saved brand on paper and in the dark, drawn as SVG: its colours are attributes, so no inline style is needed. */
export function BrandPreview({ name, tokens }: { name: string; tokens: Tokens }) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Sheet name={name} tokens={tokens.light} ground="#fbfaf7" ink="#22201d" />
      <Sheet name={name} tokens={tokens.dark} ground="#16181b" ink="#e9e6e0" />
    </div>
  );
}

function Sheet({
  name,
  tokens,
  ground,
  ink,
}: {
  name: string;
  tokens: Readonly<Record<string, string>>;
  ground: string;
  ink: string;
}) {
  const solid = tokens["--accent-9"] ?? ink;
  return (
    <svg viewBox="0 0 320 150" role="img" aria-label={admin("preview")} className="w-full rounded-m border border-line">
      <rect width="320" height="150" fill={ground} />
      <text x="20" y="36" fontSize="18" fontWeight="600" fill={ink}>
        {name.length > 28 ? `${name.slice(0, 27)}…` : name}
      </text>
      <rect x="20" y="54" width="280" height="4" rx="2" fill={tokens["--accent-3"] ?? solid} />
      <rect x="20" y="54" width="180" height="4" rx="2" fill={solid} />
      <text x="20" y="84" fontSize="13" fill={tokens["--accent-11"] ?? ink} textDecoration="underline">
        {admin("previewLink")}
      </text>
      <rect x="20" y="100" width="150" height="34" rx="6" fill={solid} />
      <text x="95" y="122" fontSize="13" fontWeight="600" textAnchor="middle" fill={tokens["--on-accent"] ?? ground}>
        {admin("previewButton")}
      </text>
    </svg>
  );
}
