import { useSignal } from "@preact/signals";
import { patch, post } from "../../api/client.ts";
import { principal } from "../../app/session.ts";
import { CheckField, Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { toggled } from "../../ui/table.tsx";
import { t } from "./outside_words.ts";
import type { Webhook } from "./webhooks_view.tsx";
import { t as shared } from "./words.ts";

const events = ["job.completed", "job.failed", "job.cancelled", "feedback.created"];

interface WebhookFormProps {
  /** Null: a new one. */
  before: Webhook | null;
  onClose: () => void;
  /** The secret is that of a new webhook; null: an old one was changed. */
  onDone: (secret: string | null) => void;
}

export function WebhookForm({ before, onClose, onDone }: WebhookFormProps) {
  const chosen = useSignal<Set<string>>(new Set(before?.events));
  const isOfEverybody = useSignal(false);
  const make = async (form: FormData): Promise<void> => {
    const body = { name: String(form.get("name")), url: String(form.get("url")), events: [...chosen.value] };
    if (before) await patch(`/webhooks/${before.id}`, body);
    const whole = { ...body, all_owners: isOfEverybody.value };
    onDone(before ? null : (await post<{ secret: string }>("/webhooks", whole)).secret);
  };
  return (
    <FormDialog
      title={before ? t("change_title", { name: before.name }) : t("hook_new")}
      action={before ? shared("save") : t("hook_create")}
      onClose={onClose}
      onSubmit={make}
    >
      <Field label={shared("name")}>{(id) => <input id={id} name="name" required maxLength={200} autofocus defaultValue={before?.name ?? ""} />}</Field>
      <Field label={t("address")}>
        {(id) => <input id={id} name="url" type="url" required maxLength={2048} placeholder="https://example.org/katip" defaultValue={before?.url ?? ""} />}
      </Field>
      <fieldset class="choice">
        <legend>{t("events")}</legend>
        {events.map((event) => (
          <CheckField
            key={event}
            label={event}
            isChecked={chosen.value.has(event)}
            onChange={() => {
              chosen.value = toggled(chosen.value, event);
            }}
          />
        ))}
        {chosen.value.size === 0 && <p class="small quiet">{t("everything")}</p>}
      </fieldset>
      {!before && principal.value?.sees_all && (
        <CheckField
          label={t("of_everybody")}
          isChecked={isOfEverybody.value}
          onChange={(isChecked) => {
            isOfEverybody.value = isChecked;
          }}
        />
      )}
    </FormDialog>
  );
}
