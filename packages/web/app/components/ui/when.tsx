import { exactly, inWords, minutesInWords } from "../../util/time.ts";
import { useFrame } from "../frame/frame-data.ts";

/**
 * A moment as people say it ("yesterday", "12 March"), with the exact time in the reader's zone on hover. The server's
 * clock is the now of both renders, so the words do not change while the page wakes up.
 */
export function When({ at, className }: { at: string; className?: string }) {
  const { now, locale, zone } = useFrame();
  return (
    <time dateTime={at} lang={locale} title={exactly(at, locale, zone)} className={className} suppressHydrationWarning>
      {inWords(at, now, locale, zone)}
    </time>
  );
}

/** Minutes as people say them: "45 min", "2 h 10 min". */
export const Duration = ({ minutes }: { minutes: number }) => <>{minutesInWords(minutes)}</>;
