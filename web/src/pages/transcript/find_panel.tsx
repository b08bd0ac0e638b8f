import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { t as frame } from "../../app/words.ts";
import type { Editor } from "./editor.ts";
import { findIn, pattern, placeFrom, replaceAll, replaceOne } from "./find.ts";
import { changeFind, find, nowhere } from "./find_state.ts";
import { reveal } from "./follow.ts";
import { undo } from "./reshape.ts";
import { t } from "./words.ts";

/** Find and replace in the whole transcript, one place after the other or all in one step of undo. */
export function FindPanel({ editor, canEdit }: { editor: Editor; canEdit: boolean }) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const wanted = useComputed(() =>
    find.value ? pattern(find.value.what, { ...find.value, language: editor.language.value }) : null);
  const matches = useComputed(() => findIn(editor.texts.value, wanted.value));
  const now = find.value;
  if (!now) return null;

  const show = (at: number): void => {
    changeFind({ at, place: matches.value[at] ?? null });
    if (at >= 0) reveal(matches.value[at]!.segment);
  };
  const goTo = (direction: 1 | -1): void => {
    const count = matches.value.length;
    if (count === 0) return;
    show(now.at < 0 && direction === -1 ? count - 1 : (now.at + direction + count) % count);
  };
  /** Replaces the place that is shown and goes on to the next; shows one first where none is. */
  const replace = (): void => {
    const match = matches.value[now.at];
    if (!match) return goTo(1);
    const text = editor.texts.value[match.segment] ?? "";
    editor.change([{ index: match.segment, text: replaceOne(text, match, now.by) }]);
    show(placeFrom(matches.value, match.segment, match.begin + now.by.length));
  };
  const replaceEverywhere = (): void => {
    const edits = replaceAll(editor.texts.value, wanted.value, now.by);
    if (edits.length === 0) return;
    editor.change(edits);
    say(t.count("replaced", edits.length), { text: t("undo"), run: () => undo(editor) });
  };
  return (
    <form
      class="find card"
      role="search"
      aria-label={t("find")}
      onSubmit={(event) => {
        event.preventDefault();
        goTo(1);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") find.value = null;
        if (event.key !== "Enter" || !event.shiftKey) return;
        event.preventDefault();
        goTo(-1);
      }}
    >
      <Field label={t("find_what")}>
        {(id) => (
          <input
            id={id}
            ref={first}
            value={now.what}
            onInput={(event) => changeFind({ what: event.currentTarget.value, ...nowhere })}
          />
        )}
      </Field>
      {canEdit && (
        <Field label={t("find_by")}>
          {(id) => (
            <input id={id} value={now.by} onInput={(event) => changeFind({ by: event.currentTarget.value })} />
          )}
        </Field>
      )}
      <div class="find-options">
        <CheckField
          label={t("find_case")}
          isChecked={now.isCaseSensitive}
          onChange={(isCaseSensitive) => changeFind({ isCaseSensitive, ...nowhere })}
        />
        <CheckField
          label={t("find_word")}
          isChecked={now.isWholeWord}
          onChange={(isWholeWord) => changeFind({ isWholeWord, ...nowhere })}
        />
      </div>
      <div class="row">
        <span class="quiet small number" role="status">
          {now.what && (now.at >= 0 && matches.value.length > 0
            ? `${now.at + 1} / ${matches.value.length}`
            : t.count("find_count", matches.value.length))}
        </span>
        <Button icon="up" label={t("find_before")} onClick={() => goTo(-1)} />
        <Button icon="down" label={t("find_next")} type="submit" />
        {canEdit && (
          <>
            <Button isDisabled={matches.value.length === 0} onClick={replace}>{t("replace")}</Button>
            <Button isDisabled={matches.value.length === 0} onClick={replaceEverywhere}>{t("replace_all")}</Button>
          </>
        )}
        <Button kind="quiet" icon="close" label={frame("close")} onClick={() => { find.value = null; }} />
      </div>
    </form>
  );
}
