import { useSignal } from "@preact/signals";
import { clock } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { toggled } from "../../ui/table.tsx";
import type { Editor } from "./editor.ts";
import { WordDiff } from "./word_diff.tsx";
import { t } from "./words.ts";

/** Two people corrected the same segments: both versions, to choose from. */
export function ConflictDialog({ editor }: { editor: Editor }) {
  const conflicts = editor.conflict.value?.conflicts ?? [];
  const mine = useSignal<ReadonlySet<string>>(new Set(conflicts.flatMap((each, i) => (each.theirs ? [String(i)] : []))));
  const finish = (): void =>
    void editor.resolve(conflicts.filter((_, i) => mine.value.has(String(i))));
  return (
    <Dialog
      title={t("conflict_title")}
      onClose={finish}
      size="large"
      actions={<Button kind="primary" onClick={finish}>{t("conflict_keep")}</Button>}
    >
      <p>{t("conflict_text")}</p>
      {conflicts.map((each, i) => (
        <fieldset key={i} class="conflict">
          <legend class="number">{clock(each.before.start)}</legend>
          <Choice
            name={`conflict-${i}`}
            title={t("conflict_theirs")}
            before={each.before.text}
            after={each.theirs?.text ?? t("conflict_gone")}
            isChosen={!mine.value.has(String(i))}
            onChoose={() => { if (mine.value.has(String(i))) mine.value = toggled(mine.value, String(i)); }}
          />
          <Choice
            name={`conflict-${i}`}
            title={t("conflict_mine")}
            before={each.before.text}
            after={each.mine.text}
            isDisabled={each.theirs === null}
            isChosen={mine.value.has(String(i))}
            onChoose={() => { if (!mine.value.has(String(i))) mine.value = toggled(mine.value, String(i)); }}
          />
        </fieldset>
      ))}
    </Dialog>
  );
}

interface ChoiceProps {
  name: string;
  title: string;
  before: string;
  after: string;
  isChosen: boolean;
  isDisabled?: boolean;
  onChoose: () => void;
}

function Choice({ name, title, before, after, isChosen, isDisabled, onChoose }: ChoiceProps) {
  return (
    <label class="conflict-choice">
      <input type="radio" name={name} checked={isChosen} disabled={isDisabled} onChange={onChoose} />
      <span>
        <strong>{title}</strong>
        <WordDiff before={before} after={after} />
      </span>
    </label>
  );
}
