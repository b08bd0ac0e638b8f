import { useSignal } from "@preact/signals";
import { patch } from "../api/client.ts";
import type { Job } from "../api/types.ts";
import { SelectField, TextField } from "../ui/field.tsx";
import { FormDialog } from "../ui/form_dialog.tsx";
import { say } from "../ui/toast.tsx";
import { dateTime } from "../i18n/format.ts";
import { type Keep, keepChoices, keepDaysOf } from "./keep_days.ts";
import { listOf } from "./typed_list.ts";
import { t } from "./words.ts";

function keepText(job: Job, choice: Keep): string {
  if (choice === "same") {
    return job.expires_at ? t("keep_same", { when: dateTime(job.expires_at) }) : t("keep_same_ever");
  }
  if (choice === "default") return t("keep_default");
  return choice === "0" ? t("keep_ever") : t.count("keep_days", Number(choice));
}

interface DetailsProps {
  job: Job;
  onClose: () => void;
  onSaved: (job: Job) => void;
}

/** Another name, other tags, another time to stay. */
export function DetailsDialog({ job, onClose, onSaved }: DetailsProps) {
  const name = useSignal(job.name ?? "");
  const tags = useSignal(job.tags.join(", "));
  const keep = useSignal<Keep>("same");
  const save = async (): Promise<void> => {
    const change: { name?: string; tags?: string[]; keep_days?: number | null } = {};
    if (tags.value !== job.tags.join(", ")) change.tags = listOf(tags.value);
    if (keep.value !== "same") change.keep_days = keepDaysOf(keep.value);
    if (name.value.trim() && name.value !== job.name) change.name = name.value.trim();
    onSaved(await patch<Job>(`/jobs/${job.job_id}`, change));
    say(t("saved"));
    onClose();
  };
  return (
    <FormDialog title={t("edit_details")} action={t("save")} onClose={onClose} onSubmit={save}>
      <TextField label={t("name")} maxLength={250} value={name.value} onType={(value) => { name.value = value; }} />
      <TextField
        label={t("tags")}
        hint={t("tags_hint")}
        value={tags.value}
        onType={(value) => { tags.value = value; }}
      />
      <SelectField
        label={t("keep")}
        hint={t(keep.value === "default" ? "keep_default_hint" : "keep_hint")}
        value={keep.value}
        options={keepChoices(job, Date.now()).map((each) => [each, keepText(job, each)])}
        onChoose={(value) => { keep.value = value as Keep; }}
      />
    </FormDialog>
  );
}
