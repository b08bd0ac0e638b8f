import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { asFailure } from "../api/loaded.ts";
import { duration } from "../i18n/format.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { failureText } from "./failure_text.ts";
import { signIn } from "./session.ts";
import { t } from "./words.ts";

/** Shown in place of any page while nobody is signed in; afterwards that page comes back. */
export function SignIn() {
  return (
    <main class="alone">
      <SignInForm text={t("sign_in_text")} />
    </main>
  );
}

/** Over the page on which the session ended: what was typed there waits, unseen. */
export function SignInAgain() {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog ref={box} class="sign-in-again" aria-label={t("sign_in_title")} onCancel={(event) => event.preventDefault()}>
      <SignInForm text={t("signed_out")} />
    </dialog>
  );
}

function SignInForm({ text }: { text: string }) {
  const login = useSignal("");
  const password = useSignal("");
  const message = useSignal("");
  const isBusy = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const before = document.title;
    document.title = `${t("sign_in_title")} · katip`;
    first.current?.focus();
    return () => {
      document.title = before;
    };
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    message.value = "";
    try {
      await signIn(login.value.trim(), password.value);
    } catch (cause) {
      const failure = asFailure(cause);
      const wait = failure.retryAfterS;
      if (failure.status === 401) message.value = t("wrong_password");
      else if (wait) message.value = t("wait_to_sign_in", { wait: duration(wait) });
      else message.value = failureText(failure);
      password.value = "";
      first.current?.focus();
    } finally {
      isBusy.value = false;
    }
  };

  return (
    <form class="card sign-in" onSubmit={(event) => void submit(event)}>
      <p class="brand"><Icon name="brand" />katip</p>
      <h1>{t("sign_in_title")}</h1>
      <p class="quiet">{text}</p>
      <Field label={t("login")}>
        {(id) => (
          <input
            id={id}
            ref={first}
            name="login"
            autocomplete="username"
            autocapitalize="none"
            required
            value={login.value}
            onInput={(event) => { login.value = event.currentTarget.value; }}
          />
        )}
      </Field>
      <Field label={t("password")}>
        {(id) => (
          <input
            id={id}
            type="password"
            name="password"
            autocomplete="current-password"
            required
            value={password.value}
            onInput={(event) => { password.value = event.currentTarget.value; }}
          />
        )}
      </Field>
      <p class="form-error" role="alert">{message.value}</p>
      <Button kind="primary" type="submit" isBusy={isBusy.value}>
        {isBusy.value ? t("signing_in") : t("sign_in")}
      </Button>
      <p class="quiet small">{t("no_account")}</p>
    </form>
  );
}
