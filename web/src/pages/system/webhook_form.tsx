import { useSignal } from "@preact/signals";
import { type ApiFailure, patch, post } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { principal } from "../../app/session.ts";
import { t as frame } from "../../app/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
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
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  const make = (form: FormData): void => {
    isBusy.value = true;
    failure.value = null;
    const body = { name: String(form.get("name")), url: String(form.get("url")), events: [...chosen.value] };
    const done = before
      ? patch(`/webhooks/${before.id}`, body).then(() => null)
      : post<{ secret: string }>("/webhooks", { ...body, all_owners: isOfEverybody.value }).then((made) => made.secret);
    done
      .then(onDone)
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={before ? t("change_title", { name: before.name }) : t("hook_new")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          make(new FormData(event.currentTarget));
        }}
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
        {failure.value && <p class="form-error" role="alert">{failureText(failure.value)}</p>}
        <div class="dialog-actions">
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" type="submit" isBusy={isBusy.value}>{before ? shared("save") : t("hook_create")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
