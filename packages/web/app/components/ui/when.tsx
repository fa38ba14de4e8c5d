import { exactly, inWords, minutesInWords } from "../../util/time.ts";
import { useFrame } from "../frame/frame-data.ts";

/**
 * Renders a moment in words ("yesterday", "12 March") with the exact time on hover. Server and browser both use the
 * server's clock, so hydration finds the same text.
 */
export function When({ at, className }: { at: string; className?: string }) {
  const { now, locale, zone } = useFrame();
  return (
    <time dateTime={at} lang={locale} title={exactly(at, locale, zone)} className={className} suppressHydrationWarning>
      {inWords(at, now, locale, zone)}
    </time>
  );
}

/** Renders minutes: "45 min", "2 h 10 min". */
export const Duration = ({ minutes }: { minutes: number }) => <>{minutesInWords(minutes)}</>;
