import { useSignal } from "@preact/signals";
import { patch, post } from "../../api/client.ts";
import { principal } from "../../app/session.ts";
import { CheckField, Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { toggled } from "../../ui/table.tsx";
import { t } from "./access_words.ts";
import type { Key } from "./keys_view.tsx";
import { t as shared } from "./words.ts";

const everyScope = ["transcribe", "jobs:read", "jobs:write", "lexicon:read", "lexicon:write", "logs:read",
  "logs:write", "webhooks", "operate", "admin"];

interface KeyFormProps {
  /** Null: a new one. */
  before: Key | null;
  onClose: () => void;
  /** The secret is that of a new key; null: an old one was changed. */
  onDone: (secret: string | null) => void;
}

const numberOf = (form: FormData, name: string): number | null => {
  const text = String(form.get(name) ?? "").trim();
  return text === "" ? null : Number(text);
};

const textOf = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));
const two = (part: number): string => String(part).padStart(2, "0");

/** As <input type="date"> has it: the day here, not in Greenwich. */
function dayOf(iso: string | null | undefined): string {
  if (!iso) return "";
  const time = new Date(iso);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

export function KeyForm({ before, onClose, onDone }: KeyFormProps) {
  // Nobody gives away more than they have.
  const mine = principal.value?.scopes ?? [];
  const mayAll = mine.includes("all") || everyScope.every((scope) => (mine as string[]).includes(scope));
  const offered = mayAll ? everyScope : everyScope.filter((scope) => (mine as string[]).includes(scope));
  const usual = ["transcribe", "jobs:read"].filter((scope) => offered.includes(scope));
  const scopes = useSignal<Set<string>>(new Set(before?.scopes ?? usual));
  const isAll = scopes.value.has("all");

  const make = async (form: FormData): Promise<void> => {
    const expires = String(form.get("expires") ?? "");
    const isSameDay = expires === dayOf(before?.expires_at);
    const body = {
      name: String(form.get("name")),
      scopes: isAll ? ["all"] : [...scopes.value],
      rate_limit_per_minute: numberOf(form, "rate"),
      daily_audio_seconds_limit: numberOf(form, "audio"),
      priority_default: numberOf(form, "priority"),
      ...(!isSameDay && { expires_at: expires ? new Date(`${expires}T23:59:59`).toISOString() : null }),
    };
    if (before) await patch(`/keys/${before.id}`, body);
    onDone(before ? null : (await post<{ key: string }>("/keys", body)).key);
  };
  return (
    <FormDialog
      title={before ? t("change_title", { name: before.name }) : t("key_new")}
      action={before ? shared("save") : t("key_create")}
      isDisabled={scopes.value.size === 0}
      onClose={onClose}
      onSubmit={make}
    >
      <Field label={shared("name")} hint={t("key_name_hint")}>
        {(id, note) => <input id={id} name="name" aria-describedby={note} required maxLength={200} autofocus defaultValue={before?.name ?? ""} />}
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
          {(id, note) => <input id={id} name="rate" type="number" min={1} max={1_000_000} aria-describedby={note} defaultValue={textOf(before?.rate_limit_per_minute)} />}
        </Field>
        <Field label={t("audio")} hint={t("empty_is_none")}>
          {(id, note) => <input id={id} name="audio" type="number" min={1} max={100_000_000} aria-describedby={note} defaultValue={textOf(before?.daily_audio_seconds_limit)} />}
        </Field>
        <Field label={t("priority")}>
          {(id) => <input id={id} name="priority" type="number" min={0} max={10} defaultValue={textOf(before?.priority_default)} />}
        </Field>
        <Field label={t("expires")}>{(id) => <input id={id} name="expires" type="date" defaultValue={dayOf(before?.expires_at)} />}</Field>
      </div>
    </FormDialog>
  );
}
