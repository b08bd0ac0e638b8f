import { put } from "../../api/client.ts";
import { Field } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { boundsOf } from "./autoscale_figures.ts";
import type { Autoscale } from "./queue_api.ts";
import { t, word } from "./words.ts";

interface FormProps {
  scale: Autoscale;
  onClose: () => void;
  onSaved: () => void;
}

function CountField({ name, label, hint, value }: { name: string; label: string; hint?: string; value: number }) {
  return (
    <Field label={label} {...(hint && { hint })}>
      {(id, note) => (
        <input id={id} name={name} type="number" required min={1} max={1_000} aria-describedby={note} defaultValue={String(value)} />
      )}
    </Field>
  );
}

/** Other bounds for all workers of a kind. */
export function AutoscaleForm({ scale, onClose, onSaved }: FormProps) {
  const before = boundsOf(scale)[0] ?? { min: 2, max: 2 };
  const save = async (form: FormData): Promise<void> => {
    await put(`/admin/autoscale/${scale.kind}`, { min: Number(form.get("min")), max: Number(form.get("max")) });
    onSaved();
    onClose();
  };
  return (
    <FormDialog
      title={t("scale_change", { kind: word("kind", scale.kind) })}
      action={t("scale_save")}
      onClose={onClose}
      onSubmit={save}
    >
      <CountField name="min" label={t("scale_min")} value={before.min} />
      <CountField name="max" label={t("scale_max")} hint={t("scale_hint")} value={before.max} />
    </FormDialog>
  );
}
