import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { ApiFailure } from "../api/client.ts";
import { asFailure } from "../api/loaded.ts";
import { failureText } from "../app/failure_text.ts";
import { t } from "../app/words.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";

interface FormDialogProps {
  title: string;
  /** What its button says. */
  action: string;
  isDisabled?: boolean;
  onClose: () => void;
  /** Takes it; when that fails the form stays, with what was typed, and says the message of what was thrown. */
  onSubmit: (form: FormData) => unknown;
  children: ComponentChildren;
}

/** Fields in a window, which are taken together: by Enter, or by the button. */
export function FormDialog({ title, action, isDisabled, onClose, onSubmit, children }: FormDialogProps) {
  const failure = useSignal<ApiFailure | null>(null);
  const isBusy = useSignal(false);
  const submit = (form: FormData): void => {
    isBusy.value = true;
    failure.value = null;
    Promise.resolve()
      .then(() => onSubmit(form))
      .catch((cause: unknown) => {
        failure.value = asFailure(cause);
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        {children}
        {failure.value && <p class="form-error" role="alert">{failureText(failure.value)}</p>}
        <div class="dialog-actions">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button kind="primary" type="submit" isBusy={isBusy.value} {...(isDisabled && { isDisabled })}>{action}</Button>
        </div>
      </form>
    </Dialog>
  );
}
