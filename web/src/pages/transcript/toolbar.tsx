import { useComputed } from "@preact/signals";
import { clock } from "../../i18n/format.ts";
import { ExportMenu } from "../../jobs/export_menu.tsx";
import type { Job } from "../../api/types.ts";
import { failureText } from "../../app/failure_text.ts";
import { t as frame } from "../../app/words.ts";
import { Button } from "../../ui/button.tsx";
import { copyText } from "../../ui/copy.ts";
import { Icon } from "../../ui/icon.tsx";
import { Menu } from "../../ui/menu.tsx";
import { report, say } from "../../ui/toast.tsx";
import type { Editor } from "./editor.ts";
import { find, openFind } from "./find_state.ts";
import { isDoubtful } from "./places.ts";
import { hasFailed, time } from "./player.ts";
import { redo, undo } from "./reshape.ts";
import { isFollowing, showsDoubts } from "./view.ts";
import { goToDoubt, type Open } from "./workbench.tsx";
import { t } from "./words.ts";

interface ToolbarProps {
  job: Job;
  editor: Editor;
  canEdit: boolean;
  onOpen: (what: Open) => void;
}

/** What can be done with the text, and whether it is saved. */
export function Toolbar({ job, editor, canEdit, onOpen }: ToolbarProps) {
  const canUndo = useComputed(() => (editor.draft.value?.done.length ?? 0) > 0);
  const canRedo = useComputed(() => (editor.draft.value?.undone.length ?? 0) > 0);
  const doubtCount = useComputed(() =>
    (editor.base.value ?? []).reduce((sum, each) => sum + each.words.filter(isDoubtful).length, 0));
  return (
    <div class="tools">
      {canEdit && (
        <>
          <Button
            kind="quiet"
            icon="undo"
            label={t("undo")}
            shortcut="Ctrl Z"
            isDisabled={!canUndo.value}
            onClick={() => undo(editor)}
          />
          <Button
            kind="quiet"
            icon="redo"
            label={t("redo")}
            shortcut="Ctrl Shift Z"
            isDisabled={!canRedo.value}
            onClick={() => redo(editor)}
          />
        </>
      )}
      <Button
        kind="quiet"
        icon="search"
        label={t("find")}
        shortcut="F"
        isPressed={find.value !== null}
        onClick={() => { if (find.value) find.value = null; else openFind(); }}
      />
      <Button
        kind="quiet"
        icon="eye"
        label={`${t("doubts")}: ${doubtCount.value}`}
        isPressed={showsDoubts.value}
        onClick={() => { showsDoubts.value = !showsDoubts.value; }}
      />
      {doubtCount.value > 0 && (
        <Button kind="quiet" label={t("doubts_next")} shortcut="D" onClick={() => goToDoubt(editor, 1)}>
          <span class="tools-word">{t("doubts")} </span><b class="count number">{doubtCount.value}</b>
        </Button>
      )}
      <Button
        kind="quiet"
        icon="follow"
        label={t("follow")}
        isPressed={isFollowing.value}
        onClick={() => { isFollowing.value = !isFollowing.value; }}
      />
      {canEdit && <SavingState editor={editor} />}
      <div class="tools-end">
        {canEdit && <Button icon="check" onClick={() => onOpen("review")}>{t("review")}</Button>}
        <ExportMenu job={job} hasSound={!hasFailed.value} />
        <Menu icon="more" label={frame("more")}>
          <button type="button" onClick={() => onOpen("history")}><Icon name="history" />{t("history")}</button>
          <button type="button" onClick={() => void copyLink().catch(report)}><Icon name="link" />{t("link")}</button>
          <button type="button" onClick={() => void copyWhole(editor).catch(report)}><Icon name="copy" />{t("copy_text")}</button>
          <button type="button" onClick={() => onOpen("help")}><Icon name="keyboard" />{t("help")}</button>
        </Menu>
      </div>
    </div>
  );
}

function SavingState({ editor }: { editor: Editor }) {
  const state = editor.saving.value;
  return (
    <span class={`saving saving-${state} small`} role="status" title={editor.failure.value ? failureText(editor.failure.value) : undefined}>
      {t(`state_${state}`)}
      {state === "failed" && (
        <Button kind="quiet" icon="retry" label={t("retry")} onClick={() => void editor.save()} />
      )}
    </span>
  );
}

async function copyLink(): Promise<void> {
  const at = clock(time.value, true);
  await copyText(`${location.origin}${location.pathname}#t=${at}`);
  say(t("link_copied", { time: at }));
}

async function copyWhole(editor: Editor): Promise<void> {
  await copyText(editor.texts.value.filter(Boolean).join("\n"));
  say(t("copied_text"));
}
