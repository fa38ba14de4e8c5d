import { useFrame } from "../components/frame/frame-data.ts";
import { health } from "../messages/en/health.ts";

const height = 64;

/** Renders errors per day as bars. Each bar has its number as text, so screen readers get a list. */
export function DayBars({ days }: { days: readonly { readonly day: string; readonly errors: number }[] }) {
  const { locale } = useFrame();
  const most = Math.max(1, ...days.map(({ errors }) => errors));
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "short", timeZone: "UTC" });
  return (
    <ol className="flex max-w-md items-end gap-2">
      {days.map(({ day, errors }) => (
        <li key={day} className="grid flex-1 justify-items-center gap-1 text-xs text-muted">
          <span className="tabular-nums" aria-hidden="true">
            {errors}
          </span>
          <svg viewBox={`0 0 10 ${height}`} preserveAspectRatio="none" className="h-16 w-full" aria-hidden="true">
            <rect
              x="0"
              width="10"
              rx="1"
              y={height - Math.max(2, (errors / most) * height)}
              height={Math.max(2, (errors / most) * height)}
              className={errors > 0 ? "fill-danger-ink" : "fill-line-strong"}
            />
          </svg>
          <time dateTime={day}>
            {weekday.format(new Date(day))}
            <span className="sr-only">: {health("errorsOf", { count: errors })}</span>
          </time>
        </li>
      ))}
    </ol>
  );
}
