import { useBeforeUnload, useBlocker, useNavigation } from "@remix-run/react";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { common } from "../../messages/en/common.ts";
import { Notice } from "./badge.tsx";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

/**
 * Asks before a link, the back button or closing the tab discards unsaved text, and keeps the text of a save until an
 * answer arrives. `saved` changes with each save (the version); `isRefused` says that the last save failed.
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
  const isKept = useRef(false);
  /** Version on which text of an unanswered save is based, after that text has returned to the form. */
  const [basis, setBasis] = useState<string>();
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: both are answers to a save.
  useEffect(() => setBasis(undefined), [saved, isRefused]);
  // After the effects above: `known` must hold the stored text, not the typed one.
  useEffect(() => {
    const kept = takeUnanswered();
    if (kept && form.current && fill(form.current, kept)) setBasis(kept.get("version") ?? "");
  }, [form]);
  useEffect(() => {
    if (navigation.state === "submitting" && form.current) {
      sent.current = textOf(form.current);
      isKept.current = keepUnanswered(form.current, saved);
    }
    if (navigation.state === "idle" && isKept.current) {
      isKept.current = false;
      takeUnanswered();
    }
  }, [navigation.state, form, saved]);
  // The text that came back must not overwrite a version its author has not seen.
  useEffect(() => {
    const editor = form.current;
    if (!editor || basis === undefined) return;
    const sendBasis = () => {
      const version = editor.elements.namedItem("version");
      if (version instanceof HTMLInputElement) version.value = basis;
    };
    editor.addEventListener("submit", sendBasis);
    return () => editor.removeEventListener("submit", sendBasis);
  }, [basis, form]);
  return (
    <>
      <AskBeforeLeaving isDirty={isDirty} isKept={isKept} />
      <div role="status" className={basis === undefined ? "sr-only" : undefined}>
        {basis !== undefined && <Notice tone="warning">{common("unansweredBack")}</Notice>}
      </div>
    </>
  );
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
function AskBeforeLeaving({ isDirty, isKept }: { isDirty: () => boolean; isKept?: RefObject<boolean> }) {
  const navigation = useNavigation();
  const blocker = useBlocker(({ currentLocation, nextLocation }) => {
    const isSaving = navigation.state !== "idle" && navigation.formMethod === "POST";
    return !isSaving && currentLocation.pathname !== nextLocation.pathname && isDirty();
  });
  useBeforeUnload(
    useCallback(
      (event) => {
        if (!isKept?.current && isDirty()) event.preventDefault();
      },
      [isDirty, isKept],
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

// Texts of saves without an answer (no network, a failing server, an ended session), one per page of this tab.

const unanswered = () => `unanswered ${location.pathname}`;

/** Returns whether the browser keeps the form's text: its store may be full or closed. */
function keepUnanswered(form: HTMLFormElement, saved: string | number): boolean {
  const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const texts = new URLSearchParams(pairs as [string, string][]);
  // Beside a newer version the buttons send the version, and form data lacks buttons.
  if (!texts.has("version")) texts.set("version", String(saved));
  try {
    sessionStorage.setItem(unanswered(), texts.toString());
    return true;
  } catch {
    return false;
  }
}

function takeUnanswered(): URLSearchParams | undefined {
  try {
    const kept = sessionStorage.getItem(unanswered());
    sessionStorage.removeItem(unanswered());
    return kept === null ? undefined : new URLSearchParams(kept);
  } catch {
    return undefined;
  }
}

/** Fills the visible fields and returns whether that changed any. */
function fill(form: HTMLFormElement, texts: URLSearchParams): boolean {
  const before = textOf(form);
  for (const field of form.elements) {
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio"))
      field.checked = texts.has(field.name, field.value);
    else if (
      (field instanceof HTMLInputElement && field.type !== "hidden" && field.type !== "file") ||
      field instanceof HTMLTextAreaElement ||
      field instanceof HTMLSelectElement
    )
      field.value = texts.get(field.name) ?? field.value;
  }
  return textOf(form) !== before;
}
