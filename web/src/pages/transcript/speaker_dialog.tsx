import { useSignal } from "@preact/signals";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { t as frame } from "../../app/words.ts";
import { t as jobs } from "../../jobs/words.ts";
import { fieldsAt } from "./draft.ts";
import type { Editor } from "./editor.ts";
import { t } from "./words.ts";

interface SpeakerProps {
  editor: Editor;
  index: number;
  onClose: () => void;
}

/** A speaker gets a name once, for the whole transcript or for one segment. */
export function SpeakerDialog({ editor, index, onClose }: SpeakerProps) {
  const draft = editor.draft.value!;
  const before = fieldsAt(draft, index).speaker;
  const name = useSignal(before);
  const isEverywhere = useSignal(before !== "");
  const known = [...new Set(draft.base.map((_, i) => fieldsAt(draft, i).speaker))].filter(Boolean);
  const save = (event: Event): void => {
    event.preventDefault();
    const speaker = name.value.trim();
    const places = isEverywhere.value
      ? draft.base.flatMap((_, i) => (fieldsAt(draft, i).speaker === before ? [i] : []))
      : [index];
    editor.change(places.map((each) => ({ index: each, speaker })));
    onClose();
  };
  return (
    <Dialog
      title={t("rename_title")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" onClick={save}>{jobs("save")}</Button>
        </>
      }
    >
      <form class="stack" onSubmit={save}>
        <Field label={t("rename_label")}>
          {(id) => (
            <>
              <input
                id={id}
                list={`${id}-known`}
                maxLength={100}
                autofocus
                value={name.value}
                onInput={(event) => { name.value = event.currentTarget.value; }}
              />
              <datalist id={`${id}-known`}>
                {known.map((each) => <option key={each} value={each} />)}
              </datalist>
            </>
          )}
        </Field>
        {before && (
          <fieldset class="choice">
            <legend class="unseen">{t("speaker")}</legend>
            <label>
              <input
                type="radio"
                name="where"
                checked={isEverywhere.value}
                onChange={() => { isEverywhere.value = true; }}
              />
              <span>{t("rename_everywhere", { name: before })}</span>
            </label>
            <label>
              <input
                type="radio"
                name="where"
                checked={!isEverywhere.value}
                onChange={() => { isEverywhere.value = false; }}
              />
              <span>{t("rename_here")}</span>
            </label>
          </fieldset>
        )}
      </form>
    </Dialog>
  );
}
