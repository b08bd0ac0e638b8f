import { useSignal } from "@preact/signals";
import { patch } from "../api/client.ts";
import { asFailure } from "../api/loaded.ts";
import type { Job } from "../api/types.ts";
import { failureText } from "../app/failure_text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Field, SelectField } from "../ui/field.tsx";
import { say } from "../ui/toast.tsx";
import { dateTime } from "../i18n/format.ts";
import { t as frame } from "../app/words.ts";
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
  const message = useSignal("");
  const isBusy = useSignal(false);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    try {
      const change: { name?: string; tags?: string[]; keep_days?: number | null } = {};
      if (tags.value !== job.tags.join(", ")) change.tags = listOf(tags.value);
      if (keep.value !== "same") change.keep_days = keepDaysOf(keep.value);
      if (name.value.trim() && name.value !== job.name) change.name = name.value.trim();
      onSaved(await patch<Job>(`/jobs/${job.job_id}`, change));
      say(t("saved"));
      onClose();
    } catch (cause) {
      message.value = failureText(asFailure(cause));
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <Dialog
      title={t("edit_details")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" isBusy={isBusy.value} onClick={(event) => void save(event)}>
            {t("save")}
          </Button>
        </>
      }
    >
      <form class="stack" onSubmit={(event) => void save(event)}>
        <Field label={t("name")}>
          {(id) => (
            <input
              id={id}
              maxLength={250}
              value={name.value}
              onInput={(event) => { name.value = event.currentTarget.value; }}
            />
          )}
        </Field>
        <Field label={t("tags")} hint={t("tags_hint")}>
          {(id, note) => (
            <input
              id={id}
              aria-describedby={note}
              value={tags.value}
              onInput={(event) => { tags.value = event.currentTarget.value; }}
            />
          )}
        </Field>
        <SelectField
          label={t("keep")}
          hint={t("keep_hint")}
          value={keep.value}
          options={keepChoices(job, Date.now()).map((each) => [each, keepText(job, each)])}
          onChoose={(value) => { keep.value = value as Keep; }}
        />
        <p class="form-error" role="alert">{message.value}</p>
        <button type="submit" class="unseen" tabIndex={-1}>{t("save")}</button>
      </form>
    </Dialog>
  );
}
