import { report, say } from "../../ui/toast.tsx";
import { asFailure } from "../../api/loaded.ts";
import { fieldsAt } from "./draft.ts";
import type { Editor } from "./editor.ts";
import { caretAt, lastBegun } from "./places.ts";
import { duration, time } from "./player.ts";
import { type Edge, moved } from "./times.ts";
import { editing } from "./view.ts";
import { t } from "./words.ts";

/** What the keys and buttons do to segments as a whole. */

/** The one that is corrected, else the one that is heard. */
function indexHere(editor: Editor): number {
  return editing.value?.index ?? Math.max(0, lastBegun(editor.draft.value?.base ?? [], time.value));
}

/** What a step of the editor could not do is told. */
async function told(done: Promise<boolean>): Promise<boolean> {
  try {
    return await done;
  } catch (cause) {
    if (asFailure(cause).status === 412) say(t("reshape_late"));
    else report(cause);
    return false;
  }
}

export const undo = (editor: Editor): void => void told(editor.undo());
export const redo = (editor: Editor): void => void told(editor.redo());

const field = (): HTMLTextAreaElement | null => document.querySelector("textarea.segment-field");

/** Where the caret is; else before the word that is heard. */
export async function splitHere(editor: Editor, index = indexHere(editor)): Promise<void> {
  const segment = editor.draft.value?.base[index];
  if (!segment || editor.isReshaping.value) return;
  const { text, start, end } = fieldsAt(editor.draft.value!, index);
  const typed = editing.value?.index === index ? field() : null;
  const isHeard = time.value >= start && time.value <= end;
  const heard = isHeard ? caretAt(segment, text, time.value) : null;
  const at = typed ? typed.selectionStart : heard;
  if (at === null || text.slice(0, at).trim() === "" || text.slice(at).trim() === "") {
    say(t("split_nowhere"));
    return;
  }
  const isSplit = await told(editor.split(index, text.slice(0, at)));
  if (isSplit && typed) editing.value = { index: index + 1, caret: 0 };
}

export async function joinHere(editor: Editor, index = indexHere(editor)): Promise<void> {
  const draft = editor.draft.value;
  if (!draft || editor.isReshaping.value) return;
  if (index + 1 >= draft.base.length) {
    say(t("join_nothing"));
    return;
  }
  const caret = fieldsAt(draft, index).text.trim().length;
  const wasTyping = editing.value?.index === index;
  const isJoined = await told(editor.join(index));
  if (isJoined && wasTyping) editing.value = { index, caret };
}

/** To a time, or by some seconds. */
export function moveEdge(editor: Editor, edge: Edge, where: { to: number } | { by: number }, index = indexHere(editor)): void {
  const draft = editor.draft.value;
  if (!draft?.base[index]) return;
  const to = "to" in where ? where.to : fieldsAt(draft, index)[edge] + where.by;
  const edits = moved(draft, index, edge, to, duration.value);
  if (edits.length === 0) say(t("move_end"));
  else editor.change(edits);
}
