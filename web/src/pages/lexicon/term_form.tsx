import { patch, post } from "../../api/client.ts";
import { Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
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
  return (
    <FormDialog
      title={term ? t("edit_title", { term: term.term }) : t("add_title")}
      action={t(term ? "save" : "add")}
      onClose={onClose}
      onSubmit={(form) => save(term, form).then(onDone)}
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
    </FormDialog>
  );
}
