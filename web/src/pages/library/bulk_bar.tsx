import { useSignal } from "@preact/signals";
import { asFailure } from "../../api/loaded.ts";
import type { Job } from "../../api/types.ts";
import { failureText } from "../../app/failure_text.ts";
import { may } from "../../app/session.ts";
import { formats } from "../../jobs/export_menu.tsx";
import { isActive } from "../../jobs/status.tsx";
import { listOf } from "../../jobs/typed_list.ts";
import { t as jobWords } from "../../jobs/words.ts";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { report, say } from "../../ui/toast.tsx";
import { type BulkResult, cancelJobs, deleteJobs, exportJobs, retryJobs, tagJobs } from "./bulk.ts";
import { t } from "./words.ts";

interface BulkBarProps {
  jobs: Job[];
  onDone: () => void;
  onClear: () => void;
}

/** What can be done to all that are chosen. Only what fits some of them is offered. */
export function BulkBar({ jobs, onDone, onClear }: BulkBarProps) {
  const isBusy = useSignal(false);
  const isTagging = useSignal(false);
  const run = async (act: () => Promise<BulkResult>): Promise<void> => {
    isBusy.value = true;
    try {
      tell(await act());
      onDone();
    } catch (cause) {
      report(cause);
    } finally {
      isBusy.value = false;
    }
  };
  const active = jobs.filter(isActive);
  const ended = jobs.filter((job) => job.status === "failed" || job.status === "cancelled");
  const completed = jobs.filter((job) => job.status === "completed");
  const askAndDelete = async (): Promise<void> => {
    const isSure = await confirmed({
      title: jobWords.count("delete_title", jobs.length),
      text: jobWords("delete_text"),
      action: jobWords("delete"),
      isDangerous: true,
    });
    if (isSure) await run(() => deleteJobs(jobs));
  };
  return (
    <div class="bulk" role="toolbar" aria-label={t.count("chosen", jobs.length)} aria-busy={isBusy.value}>
      <strong>{t.count("chosen", jobs.length)}</strong>
      {completed.length > 0 && (
        <Menu text={jobWords("export")} icon="download">
          {formats.map((format) => (
            <button key={format} type="button" onClick={() => void run(() => exportJobs(completed, format))}>
              {jobWords(`format_${format}`)}
            </button>
          ))}
        </Menu>
      )}
      {may("jobs:write") && (
        <>
          <Button icon="tag" onClick={() => { isTagging.value = true; }}>{t("add_tags")}</Button>
          {active.length > 0 && (
            <Button icon="stop" onClick={() => void run(() => cancelJobs(active))}>{t("cancel")}</Button>
          )}
          {ended.length > 0 && (
            <Button icon="retry" onClick={() => void run(() => retryJobs(ended))}>{t("retry")}</Button>
          )}
          <Button icon="trash" onClick={() => void askAndDelete()}>{jobWords("delete")}</Button>
        </>
      )}
      <Button kind="quiet" icon="close" label={t("unchoose")} onClick={onClear} />
      {isTagging.value && (
        <TagDialog
          onClose={() => { isTagging.value = false; }}
          onSave={(tags) => void run(() => tagJobs(jobs, tags))}
        />
      )}
    </div>
  );
}

function tell({ doneCount, failures }: BulkResult): void {
  if (doneCount > 0) say(t.count("done", doneCount));
  if (failures.length === 0) return;
  const failure = asFailure(failures[0]?.cause);
  report(new Error(t.count("failed", failures.length, { why: failureText(failure) })));
}

function TagDialog({ onClose, onSave }: { onClose: () => void; onSave: (tags: string[]) => void }) {
  const typed = useSignal("");
  const save = (): void => {
    const tags = listOf(typed.value);
    onClose();
    if (tags.length > 0) onSave(tags);
  };
  return (
    <FormDialog title={t("add_tags")} action={t("add_tags")} onClose={onClose} onSubmit={save}>
      <TextField
        label={jobWords("tags")}
        hint={jobWords("tags_hint")}
        autofocus
        value={typed.value}
        onType={(value) => { typed.value = value; }}
      />
    </FormDialog>
  );
}
