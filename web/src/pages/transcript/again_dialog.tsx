import { useSignal } from "@preact/signals";
import { post } from "../../api/client.ts";
import type { Job } from "../../api/types.ts";
import { go } from "../../app/router.ts";
import { nameOf } from "../../jobs/status.tsx";
import { t as jobs } from "../../jobs/words.ts";
import { TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { say } from "../../ui/toast.tsx";
import { OptionFields } from "../transcribe/options_form.tsx";
import { optionsOf, toChanges } from "../transcribe/options.ts";
import { t } from "./words.ts";

interface AgainProps {
  job: Job;
  onClose: () => void;
}

/** The same recording with other options, beside what there is. */
export function AgainDialog({ job, onClose }: AgainProps) {
  const before = optionsOf(job.options, job.tags);
  const now = useSignal(before);
  const name = useSignal(t("again_name", { name: nameOf(job) }));
  const send = async (): Promise<void> => {
    const made = await post<{ job_id: string }>(`/jobs/${job.job_id}/again`, {
      ...toChanges(before, now.value), ...(name.value.trim() && { name: name.value.trim() }),
    });
    onClose();
    say(t("again_begun"));
    await go(`/transcripts/${made.job_id}`);
  };
  return (
    <FormDialog title={t("again")} action={t("again_action")} onClose={onClose} onSubmit={send}>
      <p class="quiet">{t("again_text")}</p>
      <TextField label={jobs("name")} maxLength={250} value={name.value} onType={(value) => { name.value = value; }} />
      <OptionFields now={now.value} change={(part) => { now.value = { ...now.value, ...part }; }} />
    </FormDialog>
  );
}
