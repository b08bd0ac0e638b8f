import { useSignal } from "@preact/signals";
import { TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
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
  const save = (): void => {
    const speaker = name.value.trim();
    const places = isEverywhere.value
      ? draft.base.flatMap((_, i) => (fieldsAt(draft, i).speaker === before ? [i] : []))
      : [index];
    editor.change(places.map((each) => ({ index: each, speaker })));
    onClose();
  };
  return (
    <FormDialog title={t("rename_title")} action={jobs("save")} onClose={onClose} onSubmit={save}>
      <TextField
        label={t("rename_label")}
        maxLength={100}
        autofocus
        known={known}
        value={name.value}
        onType={(value) => { name.value = value; }}
      />
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
    </FormDialog>
  );
}
