import { t } from "../app/words.ts";

/**
 * Puts a text into the clipboard. Browsers give the clipboard to https:// and to localhost only; in an
 * office without certificates the way of before is left, by a field that is marked.
 */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.className = "unseen";
  field.value = text;
  // Outside an open window nothing can be marked.
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  if (!isDone) throw new Error(t("copy_failed"));
}
