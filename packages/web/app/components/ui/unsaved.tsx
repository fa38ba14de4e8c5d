import { useBeforeUnload, useBlocker, useNavigation } from "@remix-run/react";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import { common } from "../../messages/en/common.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/**
 * Asks before a link, the back button or closing the tab discards unsaved text. `saved` changes with each save (the
 * version); `isRefused` says that the last save failed.
 */
export function UnsavedGuard({
  form,
  saved,
  isRefused,
}: {
  form: RefObject<HTMLFormElement>;
  saved: string | number;
  isRefused: boolean;
}) {
  const known = useRef<string | null>(null);
  const sent = useRef<string | null>(null);
  const navigation = useNavigation();
  const isDirty = useCallback(
    () => form.current !== null && (isRefused || (known.current !== null && textOf(form.current) !== known.current)),
    [form, isRefused],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is what a save leaves behind.
  useEffect(() => {
    if (form.current) known.current = sent.current ?? textOf(form.current);
    sent.current = null;
  }, [saved, form]);
  useEffect(() => {
    if (navigation.state === "submitting" && form.current) sent.current = textOf(form.current);
  }, [navigation.state, form]);
  return <AskBeforeLeaving isDirty={isDirty} />;
}

/**
 * Asks before the reader leaves `page` while a text field in it differs from its stored value. Pass `isRefused` after a
 * refused form, whose default values are typed text.
 */
export function UnsavedForms({ page, isRefused }: { page: RefObject<HTMLElement>; isRefused: boolean }) {
  const isDirty = useCallback(
    () =>
      isRefused ||
      [...(page.current?.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea") ?? [])].some(
        ({ type, value, defaultValue }) => type !== "hidden" && oneBreak(value) !== oneBreak(defaultValue),
      ),
    [page, isRefused],
  );
  return <AskBeforeLeaving isDirty={isDirty} />;
}

/** Form submissions without scripts send CRLF; text areas report LF. */
const oneBreak = (text: string): string => text.replaceAll("\r\n", "\n");

/** Render it once per page, because Remix supports one blocker. */
function AskBeforeLeaving({ isDirty }: { isDirty: () => boolean }) {
  const navigation = useNavigation();
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const isSaving = navigation.state !== "idle" && navigation.formMethod === "POST";
    return !isSaving && currentLocation.pathname !== nextLocation.pathname && isDirty();
  });
  useBeforeUnload(
    useCallback(
      (event) => {
        if (isDirty()) event.preventDefault();
      },
      [isDirty],
    ),
  );
  return (
    <Dialog open={blocker.state === "blocked"} onClose={() => blocker.reset?.()} title={common("unsavedTitle")}>
      <div className="grid gap-5 px-5 pb-5">
        <p className="text-soft">{common("unsavedBody")}</p>
        <div className="flex flex-wrap gap-3">
          <Button onClick={() => blocker.reset?.()}>{common("unsavedStay")}</Button>
          <Button variant="secondary" onClick={() => blocker.proceed?.()}>
            {common("unsavedLeave")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Returns all typed text as one string. */
function textOf(form: HTMLFormElement): string {
  const pairs = [...new FormData(form)].filter(([name, value]) => name !== "version" && typeof value === "string");
  return new URLSearchParams(pairs as [string, string][]).toString();
}
