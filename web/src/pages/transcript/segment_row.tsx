import { useComputed } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Segment, Word } from "../../api/types.ts";
import { clock, percent } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Menu } from "../../ui/menu.tsx";
import { fieldsAt, isChanged } from "./draft.ts";
import type { Editor } from "./editor.ts";
import { pattern } from "./find.ts";
import { find } from "./find_state.ts";
import { rowId } from "./follow.ts";
import { useNear } from "./near.ts";
import { isDoubtful } from "./places.ts";
import { playFrom } from "./player.ts";
import { joinHere, splitHere } from "./reshape.ts";
import { exactClock } from "./times.ts";
import { editing, naming, showsDoubts, timing } from "./view.ts";
import { t } from "./words.ts";

interface SegmentRowProps {
  editor: Editor;
  segment: Segment;
  index: number;
  canEdit: boolean;
}

/** One segment: its time, who speaks, its words; or the field where it is corrected. */
export function SegmentRow({ editor, segment, index, canEdit }: SegmentRowProps) {
  const { ref, isNear } = useNear<HTMLLIElement>();
  const fields = useComputed(() => fieldsAt(editor.draft.value!, index));
  const isDirty = useComputed(() => isChanged(editor.draft.value!, index));
  // Whether somebody else speaks than before.
  const isTurn = useComputed(() => {
    const before = index === 0 ? "" : fieldsAt(editor.draft.value!, index - 1).speaker;
    return fields.value.speaker !== before;
  });
  const isEditing = useComputed(() => editing.value?.index === index);
  const { text, speaker, start, end } = fields.value;
  const isMoved = start !== segment.start || end !== segment.end;
  return (
    <li
      ref={ref}
      id={rowId(index)}
      class={`segment${isDirty.value ? " segment-changed" : ""}${isTurn.value ? " segment-turn" : ""}`}
    >
      <button
        type="button"
        class="segment-time number"
        aria-label={t("play_from", { time: clock(start) })}
        onClick={() => playFrom(start)}
      >
        {clock(start)}
      </button>
      <div class="segment-main">
        {isTurn.value && speaker && (
          <button type="button" class="speaker" disabled={!canEdit} onClick={() => { naming.value = index; }}>
            {speaker}
          </button>
        )}
        {isEditing.value ? (
          <TextField editor={editor} index={index} start={start} text={text} />
        ) : (
          <p
            class="segment-text"
            dir="auto"
            lang={editor.language.value || undefined}
            onDblClick={(event) => canEdit && startEditing(event, index)}
          >
            {isNear && text === segment.text && !find.value?.what
              ? <Words words={segment.words} text={text} />
              : <Plain index={index} text={text} language={editor.language.value} isNear={isNear} />}
          </p>
        )}
        {(isEditing.value || isMoved) && (
          <p class="segment-times number small quiet" role="status">{exactClock(start)} – {exactClock(end)}</p>
        )}
      </div>
      {canEdit && isNear && !isEditing.value && (
        <div class="segment-tools">
          {!speaker && (
            <Button
              kind="quiet"
              icon="user"
              label={t("no_speaker")}
              onClick={() => { naming.value = index; }}
            />
          )}
          <Button
            kind="quiet"
            icon="edit"
            label={t("edit_segment")}
            onClick={() => { editing.value = { index, caret: null }; }}
          />
          <Menu icon="more" label={t("segment_more", { time: clock(start) })}>
            <button type="button" onClick={() => { timing.value = index; }}><Icon name="clock" />{t("times")}</button>
            <button type="button" onClick={() => void splitHere(editor, index)}><Icon name="split" />{t("split")}</button>
            <button type="button" onClick={() => void joinHere(editor, index)}><Icon name="join" />{t("join")}</button>
          </Menu>
        </div>
      )}
    </li>
  );
}

/** The words as they were heard: a click plays from one. */
function Words({ words, text }: { words: Word[]; text: string }) {
  if (words.length === 0) return <>{text}</>;
  const marks = showsDoubts.value;
  return (
    <>
      {words.map((word, i) => {
        const isMarked = marks && isDoubtful(word);
        return (
          <Fragment key={i}>
            {i > 0 && word.text.startsWith(" ") && " "}
            <span
              class={isMarked ? "w doubt" : "w"}
              title={isMarked ? percent(word.probability) : undefined}
              onClick={() => playFrom(word.start)}
            >
              {word.text.trimStart()}
            </span>
          </Fragment>
        );
      })}
    </>
  );
}

interface PlainProps {
  index: number;
  text: string;
  language: string;
  isNear: boolean;
}

/** Without places to click: changed, far away, or with what was looked for marked. */
function Plain({ index, text, language, isNear }: PlainProps) {
  const wanted = find.value && isNear ? pattern(find.value.what, { ...find.value, language }) : null;
  if (!wanted) return <>{text}</>;
  const parts = [];
  const place = find.value?.place;
  let at = 0;
  for (const found of text.matchAll(wanted)) {
    const isShown = place?.segment === index && place.begin === found.index;
    parts.push(
      text.slice(at, found.index),
      <mark key={found.index} class={isShown ? "is-shown" : undefined} aria-current={isShown ? "true" : undefined}>
        {found[0]}
      </mark>,
    );
    at = found.index + found[0].length;
  }
  return <>{parts}{text.slice(at)}</>;
}

/** Where in the text somebody clicked, so that the caret is there. */
function startEditing(event: MouseEvent, index: number): void {
  const row = event.currentTarget as HTMLElement;
  const word = (event.target as Element).closest(".w");
  let caret: number | null = null;
  if (word) {
    caret = 0;
    for (const each of row.childNodes) {
      if (each === word) break;
      caret += each.textContent?.length ?? 0;
    }
  }
  getSelection()?.removeAllRanges();
  editing.value = { index, caret };
}

interface TextFieldProps {
  editor: Editor;
  index: number;
  start: number;
  text: string;
}

function TextField({ editor, index, start, text }: TextFieldProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const wanted = editing.value;
  useEffect(() => {
    const it = field.current;
    if (!it) return;
    it.focus({ preventScroll: true });
    const caret = editing.peek()?.caret ?? it.value.length;
    it.setSelectionRange(caret, caret);
    it.scrollIntoView({ block: "nearest" });
  }, [wanted]);
  useEffect(() => {
    const it = field.current;
    if (!it) return;
    it.style.height = "auto"; // As high as its text.
    it.style.height = `${it.scrollHeight}px`;
  }, [text]);
  const moveTo = (next: number): void => {
    const isThere = next >= 0 && next < (editor.draft.value?.base.length ?? 0);
    editing.value = isThere ? { index: next, caret: null } : null;
  };
  return (
    <textarea
      ref={field}
      class="segment-text segment-field"
      dir="auto"
      rows={1}
      lang={editor.language.value || undefined}
      spellcheck
      readOnly={editor.isReshaping.value}
      aria-label={t("editing", { time: clock(start) })}
      title={t("editing_hint")}
      value={text}
      onInput={(event) => {
        const typed = event.currentTarget.value.replace(/\s*\n\s*/g, " ");
        editor.change([{ index, text: typed }], true);
      }}
      onKeyDown={(event) => {
        if (event.isComposing || event.ctrlKey || event.metaKey) return; // Those are shortcuts.
        if (event.key === "Enter") {
          event.preventDefault();
          moveTo(event.shiftKey ? index - 1 : index + 1);
        } else if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          editing.value = null;
          document.getElementById(rowId(index))?.querySelector("button")?.focus({ preventScroll: true });
        }
      }}
      onBlur={() => {
        if (editing.peek()?.index === index && document.hasFocus()) editing.value = null;
      }}
    />
  );
}
