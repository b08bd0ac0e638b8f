import { useSignal } from "@preact/signals";
import { ApiFailure, put } from "../../api/client.ts";
import { SelectField, TextField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import type { Schedule } from "./queue_api.ts";
import { t } from "./words.ts";

interface FormProps {
  /** Null: a new one. */
  schedule: Schedule | null;
  /** Names to choose from; others may be typed. */
  tasks: string[];
  onClose: () => void;
  onSaved: () => void;
}

/** Names and expressions, which are taken as they are typed. */
const exact = { required: true, maxLength: 128, spellcheck: false, autocomplete: "off" } as const;

/** What runs, when, and with what. */
export function ScheduleForm({ schedule, tasks, onClose, onSaved }: FormProps) {
  const name = useSignal(schedule?.name ?? "");
  const task = useSignal(schedule?.task ?? "");
  const cron = useSignal(schedule?.cron ?? "0 4 * * *");
  const zone = useSignal(schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const args = useSignal(JSON.stringify(schedule?.args ?? {}));
  const missed = useSignal<string>(schedule?.missed ?? "once");
  const save = async (): Promise<void> => {
    await put(`/admin/schedules/${encodeURIComponent(name.value.trim())}`, {
      task: task.value.trim(), cron: cron.value.trim(), time_zone: zone.value.trim(), args: parsed(args.value),
      missed: missed.value,
    });
    onSaved();
    onClose();
  };
  return (
    <FormDialog
      title={schedule ? t("schedule_edit", { name: schedule.name }) : t("schedule_new")}
      action={t("schedule_save")}
      onClose={onClose}
      onSubmit={save}
    >
      <TextField
        {...exact}
        label={t("name")}
        value={name.value}
        readOnly={schedule !== null}
        onType={(text) => { name.value = text; }}
      />
      <TextField
        {...exact}
        label={t("task")}
        value={task.value}
        known={tasks}
        onType={(text) => { task.value = text; }}
      />
      <TextField
        {...exact}
        label={t("when")}
        hint={t("cron_hint")}
        value={cron.value}
        onType={(text) => { cron.value = text; }}
      />
      <TextField
        {...exact}
        label={t("time_zone")}
        value={zone.value}
        known={Intl.supportedValuesOf("timeZone")}
        onType={(text) => { zone.value = text; }}
      />
      <TextField
        {...exact}
        label={t("schedule_args")}
        hint={t("schedule_args_hint")}
        value={args.value}
        onType={(text) => { args.value = text; }}
      />
      <SelectField
        label={t("missed")}
        value={missed.value}
        options={[["once", t("missed_once")], ["skip", t("missed_skip")]]}
        onChoose={(value) => { missed.value = value; }}
      />
    </FormDialog>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    throw new ApiFailure(422, "VALIDATION_FAILED", t("schedule_args_wrong"));
  }
}
