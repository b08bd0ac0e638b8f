import { useSignal } from "@preact/signals";
import { post } from "../../api/client.ts";
import { asFailure } from "../../api/loaded.ts";
import { failureText } from "../../app/failure_text.ts";
import { principal } from "../../app/session.ts";
import { Button } from "../../ui/button.tsx";
import { CheckField, Field } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { t } from "./words.ts";

/** Another password; it ends the sessions elsewhere. */
export function PasswordForm() {
  const message = useSignal("");
  const isBusy = useSignal(false);
  const isShown = useSignal(false);
  const submit = (form: HTMLFormElement): void => {
    const text = (name: string): string => String(new FormData(form).get(name) ?? "");
    isBusy.value = true;
    message.value = "";
    post("/auth/password", { old_password: text("old"), new_password: text("new") })
      .then(() => {
        form.reset();
        say(t("password_done"));
      })
      .catch((cause: unknown) => {
        message.value = failureText(asFailure(cause));
      })
      .finally(() => {
        isBusy.value = false;
      });
  };
  const kind = isShown.value ? { type: "text" as const } : { type: "password" as const };
  return (
    <section class="section card" aria-labelledby="password-title">
      <h2 id="password-title">{t("password_title")}</h2>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit(event.currentTarget);
        }}
      >
        {/* For whoever keeps passwords: whose this is. */}
        <input type="text" name="login" class="unseen" tabIndex={-1} aria-hidden="true" readOnly autocomplete="username" value={principal.value?.name} />
        <Field label={t("password_old")}>
          {(id) => <input id={id} name="old" {...kind} required maxLength={1024} autocomplete="current-password" />}
        </Field>
        <Field label={t("password_new")} hint={t("password_hint")}>
          {(id, note) => (
            <input id={id} name="new" {...kind} required minLength={8} maxLength={1024} autocomplete="new-password" aria-describedby={note} />
          )}
        </Field>
        <CheckField
          label={t("password_show")}
          isChecked={isShown.value}
          onChange={(isChecked) => {
            isShown.value = isChecked;
          }}
        />
        <p class="form-error" role="alert">{message.value}</p>
        <div><Button kind="primary" type="submit" isBusy={isBusy.value}>{t("password_set")}</Button></div>
      </form>
    </section>
  );
}
