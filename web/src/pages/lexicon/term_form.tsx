import { useSignal } from "@preact/signals";
import { type ApiFailure, patch, post } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { t as frame } from "../../app/words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import type { Term } from "./lexicon_api.ts";
import { t } from "./words.ts";

interface TermFormProps {
  /** Null: a new one. */
  term: Term | null;
  onClose: () => void;
  onDone: () => void;
}

const lines = (text: string): string[] => text.split("\n").map((line) => line.trim()).filter(Boolean);

async function save(term: Term | null, form: FormData): Promise<void> {
  const text = (name: string): string => String(form.get(name) ?? "").trim();
  const body = {
    term: text("term"),
    language: text("language"),
    category: text("category") || "general",
    weight: Number(text("weight")) || 1,
    alternatives: lines(String(form.get("alternatives") ?? "")),
  };
  if (term) await patch(`/lexicon/terms/${term.id}`, body);
  else await post("/lexicon/terms", body);
  say(t(term ? "saved" : "added", { term: body.term }));
}

export function TermForm({ term, onClose, onDone }: TermFormProps) {
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  const submit = (form: FormData): void => {
    isBusy.value = true;
    failure.value = null;
    save(term, form)
      .then(onDone)
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={term ? t("edit_title", { term: term.term }) : t("add_title")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("term")} hint={t("term_hint")}>
          {(id, note) => <input id={id} name="term" required maxLength={200} aria-describedby={note} defaultValue={term?.term ?? ""} autofocus />}
        </Field>
        <Field label={t("alternatives")} hint={t("alternatives_hint")}>
          {(id, note) => <textarea id={id} name="alternatives" rows={3} aria-describedby={note} defaultValue={term?.alternatives.join("\n") ?? ""} />}
        </Field>
        <div class="form-pair">
          <Field label={t("language")} hint={t("language_hint")}>
            {(id, note) => <input id={id} name="language" maxLength={30} aria-describedby={note} defaultValue={term?.language ?? ""} />}
          </Field>
          <Field label={t("category")}>
            {(id) => <input id={id} name="category" maxLength={50} defaultValue={term?.category ?? "general"} />}
          </Field>
        </div>
        <Field label={t("weight")} hint={t("weight_hint")}>
          {(id, note) => (
            <input id={id} name="weight" type="number" min={0.1} max={5} step={0.1} aria-describedby={note} defaultValue={String(term?.weight ?? 1)} />
          )}
        </Field>
        {failure.value && <p class="form-error" role="alert">{failureText(failure.value)}</p>}
        <div class="dialog-actions">
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" type="submit" isBusy={isBusy.value}>{t(term ? "save" : "add")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
