import { post } from "../../api/client.ts";
import { number } from "../../i18n/format.ts";
import { Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { say } from "../../ui/toast.tsx";
import { t } from "./words.ts";

interface Counts {
  added: number;
  changed: number;
}

const formatOf = (name: string): string => {
  const ending = name.toLowerCase().split(".").at(-1);
  return ending === "csv" || ending === "json" ? ending : "txt";
};

/** The file goes as it is; its name says what it is. */
async function send(file: File, language: string): Promise<Counts> {
  const query = { format: formatOf(file.name), language };
  return post<Counts>("/lexicon/import", undefined, { query, text: await file.text() });
}

export function ImportForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const submit = async (form: FormData): Promise<void> => {
    const file = form.get("file");
    if (!(file instanceof File)) return;
    const counts = await send(file, String(form.get("language") ?? "").trim());
    say(t("imported", { added: number(counts.added), changed: number(counts.changed) }));
    onDone();
  };
  return (
    <FormDialog
      title={t("import_title")}
      action={t("import_do")}
      onClose={onClose}
      onSubmit={submit}
    >
      <Field label={t("import_file")} hint={t("import_hint")}>
        {(id, note) => <input id={id} name="file" type="file" required accept=".csv,.json,.txt,text/*" aria-describedby={note} />}
      </Field>
      <Field label={t("import_language")} hint={t("language_hint")}>
        {(id, note) => <input id={id} name="language" maxLength={30} aria-describedby={note} />}
      </Field>
    </FormDialog>
  );
}
