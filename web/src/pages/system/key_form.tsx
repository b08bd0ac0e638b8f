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
import { t } from "./access_words.ts";
import { t as shared } from "./words.ts";

const everyScope = ["transcribe", "jobs:read", "jobs:write", "lexicon:read", "lexicon:write", "logs:read",
  "logs:write", "webhooks", "operate", "admin"];

interface KeyFormProps {
  onClose: () => void;
  onMade: (secret: string) => void;
}

const numberOf = (form: FormData, name: string): number | null => {
  const text = String(form.get(name) ?? "").trim();
  return text === "" ? null : Number(text);
};

export function KeyForm({ onClose, onMade }: KeyFormProps) {
  const scopes = useSignal<Set<string>>(new Set(["transcribe", "jobs:read"]));
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  // Nobody gives away more than they have.
  const mine = principal.value?.scopes ?? [];
  const mayAll = mine.includes("all") || everyScope.every((scope) => (mine as string[]).includes(scope));
  const offered = mayAll ? everyScope : everyScope.filter((scope) => (mine as string[]).includes(scope));
  const isAll = scopes.value.has("all");

  const make = (form: FormData): void => {
    isBusy.value = true;
    failure.value = null;
    const expires = String(form.get("expires") ?? "");
    post<{ key: string }>("/keys", {
      name: String(form.get("name")),
      scopes: isAll ? ["all"] : [...scopes.value],
      rate_limit_per_minute: numberOf(form, "rate"),
      daily_audio_seconds_limit: numberOf(form, "audio"),
      priority_default: numberOf(form, "priority"),
      expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null,
    })
      .then((made) => onMade(made.key))
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={t("key_new")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          make(new FormData(event.currentTarget));
        }}
      >
        <Field label={shared("name")} hint={t("key_name_hint")}>
          {(id, note) => <input id={id} name="name" aria-describedby={note} required maxLength={200} autofocus />}
        </Field>
        <fieldset class="choice">
          <legend>{t("scopes")}</legend>
          {mayAll && (
            <CheckField
              label={t("scope_all")}
              isChecked={isAll}
              onChange={(isChecked) => {
                scopes.value = new Set(isChecked ? ["all"] : []);
              }}
            />
          )}
          {!isAll && (
            <div class="checks">
              {offered.map((scope) => (
                <CheckField
                  key={scope}
                  label={scope}
                  isChecked={scopes.value.has(scope)}
                  onChange={() => {
                    scopes.value = toggled(scopes.value, scope);
                  }}
                />
              ))}
            </div>
          )}
        </fieldset>
        <div class="form-pair">
          <Field label={t("rate")} hint={t("empty_is_none")}>
            {(id, note) => <input id={id} name="rate" type="number" min={1} max={1_000_000} aria-describedby={note} />}
          </Field>
          <Field label={t("audio")} hint={t("empty_is_none")}>
            {(id, note) => <input id={id} name="audio" type="number" min={1} max={100_000_000} aria-describedby={note} />}
          </Field>
          <Field label={t("priority")}>
            {(id) => <input id={id} name="priority" type="number" min={0} max={10} />}
          </Field>
          <Field label={t("expires")}>{(id) => <input id={id} name="expires" type="date" />}</Field>
        </div>
        {failure.value && <p class="form-error" role="alert">{failureText(failure.value)}</p>}
        <div class="dialog-actions">
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" type="submit" isBusy={isBusy.value} isDisabled={scopes.value.size === 0}>
            {t("key_create")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
