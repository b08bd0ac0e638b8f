import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { t as frame } from "../../app/words.ts";
import type { Editor } from "./editor.ts";
import { findIn, pattern, replaceAll } from "./find.ts";
import { changeFind, find } from "./find_state.ts";
import { reveal } from "./follow.ts";
import { t } from "./words.ts";

/** Find and replace in the whole transcript. All replacements are one step of undo. */
export function FindPanel({ editor, canEdit }: { editor: Editor; canEdit: boolean }) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const wanted = useComputed(() =>
    find.value ? pattern(find.value.what, { ...find.value, language: editor.language.value }) : null);
  const matches = useComputed(() => findIn(editor.texts.value, wanted.value));
  const now = find.value;
  if (!now) return null;

  const goTo = (direction: 1 | -1): void => {
    const count = matches.value.length;
    if (count === 0) return;
    const at = (now.at + direction + count) % count;
    changeFind({ at });
    reveal(matches.value[at]!.segment);
  };
  const replace = (): void => {
    const edits = replaceAll(editor.texts.value, wanted.value, now.by);
    if (edits.length === 0) return;
    editor.change(edits);
    say(t.count("replaced", edits.length), { text: t("undo"), run: editor.undo });
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
      }}
    >
      <Field label={t("find_what")}>
        {(id) => (
          <input
            id={id}
            ref={first}
            value={now.what}
            onInput={(event) => changeFind({ what: event.currentTarget.value, at: -1 })}
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
          onChange={(isCaseSensitive) => changeFind({ isCaseSensitive, at: -1 })}
        />
        <CheckField
          label={t("find_word")}
          isChecked={now.isWholeWord}
          onChange={(isWholeWord) => changeFind({ isWholeWord, at: -1 })}
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
          <Button isDisabled={matches.value.length === 0} onClick={replace}>{t("replace_all")}</Button>
        )}
        <Button kind="quiet" icon="close" label={frame("close")} onClick={() => { find.value = null; }} />
      </div>
    </form>
  );
}
