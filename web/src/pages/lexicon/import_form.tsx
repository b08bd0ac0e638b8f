import { useSignal } from "@preact/signals";
import { ApiFailure, url } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { t as frame } from "../../app/words.ts";
import { number } from "../../i18n/format.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
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
  const answer = await fetch(url("/lexicon/import", { format: formatOf(file.name), language }), {
    method: "POST",
    headers: { "Content-Type": "text/plain", Accept: "application/json" },
    body: await file.text(),
  });
  const body = await answer.json();
  if (answer.ok) return body.data as Counts;
  throw new ApiFailure(answer.status, body.error?.code ?? "", body.error?.message ?? answer.statusText, {
    fields: body.error?.details ?? [],
  });
}

export function ImportForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  const submit = (form: FormData): void => {
    const file = form.get("file");
    if (!(file instanceof File)) return;
    isBusy.value = true;
    failure.value = null;
    send(file, String(form.get("language") ?? "").trim())
      .then((counts) => {
        say(t("imported", { added: number(counts.added), changed: number(counts.changed) }));
        onDone();
      })
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={t("import_title")} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <Field label={t("import_file")} hint={t("import_hint")}>
          {(id, note) => <input id={id} name="file" type="file" required accept=".csv,.json,.txt,text/*" aria-describedby={note} />}
        </Field>
        <Field label={t("import_language")} hint={t("language_hint")}>
          {(id, note) => <input id={id} name="language" maxLength={30} aria-describedby={note} />}
        </Field>
        {failure.value && <p class="form-error" role="alert">{failureText(failure.value)}</p>}
        <div class="dialog-actions">
          <Button onClick={onClose}>{frame("cancel")}</Button>
          <Button kind="primary" type="submit" isBusy={isBusy.value}>{t("import_do")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
