import { useSignal } from "@preact/signals";
import { type ApiFailure, post } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { principal } from "../../app/session.ts";
import { t as frame } from "../../app/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
import { toggled } from "../../ui/table.tsx";
import { t } from "./outside_words.ts";
import { t as shared } from "./words.ts";

const events = ["job.completed", "job.failed", "job.cancelled", "feedback.created"];

interface WebhookFormProps {
  onClose: () => void;
  onMade: (secret: string) => void;
}

export function WebhookForm({ onClose, onMade }: WebhookFormProps) {
  const chosen = useSignal<Set<string>>(new Set());
  const isOfEverybody = useSignal(false);
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  const make = (form: FormData): void => {
    isBusy.value = true;
    failure.value = null;
    post<{ secret: string }>("/webhooks", {
      name: String(form.get("name")),
      url: String(form.get("url")),
      events: [...chosen.value],
      all_owners: isOfEverybody.value,
    })
      .then((made) => onMade(made.secret))
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={t("hook_new")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          make(new FormData(event.currentTarget));
        }}
      >
        <Field label={shared("name")}>{(id) => <input id={id} name="name" required maxLength={200} autofocus />}</Field>
        <Field label={t("address")}>
          {(id) => <input id={id} name="url" type="url" required maxLength={2048} placeholder="https://example.org/katip" />}
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
        {principal.value?.sees_all && (
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
          <Button kind="primary" type="submit" isBusy={isBusy.value}>{t("hook_create")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
