import { useSignal } from "@preact/signals";
import { patch, post, put } from "../../api/client.ts";
import { findOutWho } from "../../app/session.ts";
import { Field, SelectField } from "../../ui/field.tsx";
import { FormDialog } from "../../ui/form_dialog.tsx";
import { say } from "../../ui/toast.tsx";
import { t } from "./access_words.ts";
import type { User } from "./users_view.tsx";
import { t as shared } from "./words.ts";

export type UserTask = { kind: "create" } | { kind: "change"; user: User } | { kind: "password"; user: User };

interface UserFormProps {
  task: UserTask;
  isFirst: boolean;
  onClose: () => void;
  onDone: () => void;
}

async function perform(task: UserTask, form: FormData, role: string, isFirst: boolean): Promise<void> {
  const text = (name: string): string => String(form.get(name) ?? "");
  if (task.kind === "create") {
    await post("/admin/users", {
      login: text("login"), password: text("password"), role, display_name: text("display_name") });
    say(t("user_created", { name: text("login") }));
    if (isFirst) await findOutWho(); // From now on this page has to sign in as well.
  } else if (task.kind === "change") {
    await patch(`/admin/users/${task.user.id}`, { role, display_name: text("display_name") });
    say(t("user_changed", { name: task.user.login }));
  } else {
    await put(`/admin/users/${task.user.id}/password`, { password: text("password") });
    say(t("password_done"));
  }
}

export function UserForm({ task, isFirst, onClose, onDone }: UserFormProps) {
  const role = useSignal<string>(task.kind === "change" ? task.user.role : isFirst ? "admin" : "editor");
  const title = {
    create: t("user_new"),
    change: t("change_title", { name: task.kind === "create" ? "" : task.user.login }),
    password: t("password_title", { name: task.kind === "create" ? "" : task.user.login }),
  }[task.kind];
  const action = { create: t("user_create"), change: shared("save"), password: t("password_set") }[task.kind];
  return (
    <FormDialog
      title={title}
      action={action}
      onClose={onClose}
      onSubmit={(form) => perform(task, form, role.value, isFirst).then(onDone)}
    >
      {task.kind === "create" && (
        <Field label={t("login")}>
          {(id) => <input id={id} name="login" required maxLength={100} autocomplete="off" autocapitalize="none" spellcheck={false} />}
        </Field>
      )}
      {task.kind !== "password" && (
        <>
          <Field label={t("display_name")}>
            {(id) => <input id={id} name="display_name" maxLength={200} defaultValue={task.kind === "change" ? task.user.display_name : ""} />}
          </Field>
          <SelectField
            label={t("role")}
            value={role.value}
            options={(["viewer", "editor", "operator", "admin"] as const).map((each) => [each, t(`role_${each}`)])}
            onChoose={(value) => {
              role.value = value;
            }}
          />
        </>
      )}
      {task.kind !== "change" && (
        <Field label={t("password")} hint={t("password_hint")}>
          {(id, note) => (
            <input id={id} name="password" type="password" required minLength={8} maxLength={1024} autocomplete="new-password" aria-describedby={note} />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
