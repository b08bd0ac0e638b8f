import { useSignal } from "@preact/signals";
import { get, patch, remove } from "../../api/client.ts";
import { type Part, usePaged } from "../../api/paged.ts";
import { ago, dateTime } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Menu } from "../../ui/menu.tsx";
import { More } from "../../ui/more.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { t } from "./access_words.ts";
import { UserForm, type UserTask } from "./user_form.tsx";
import { t as shared } from "./words.ts";

export interface User {
  id: string;
  login: string;
  display_name: string;
  role: "viewer" | "editor" | "operator" | "admin";
  is_active: boolean;
  last_login_at: string | null;
  created_at: string;
}

export function UsersView() {
  const list = usePaged<User>((cursor, signal) => get<Part<User>>("/admin/users", { cursor, limit: 50 }, signal), []);
  const task = useSignal<UserTask | null>(null);
  const close = (): void => {
    task.value = null;
  };
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet">{t("users_text")}</p>
        <Button
          kind="primary"
          icon="plus"
          onClick={() => {
            task.value = { kind: "create" };
          }}
        >
          {t("user_new")}
        </Button>
      </div>
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading />}
      {list.items?.length === 0 && <Empty icon="user" title={t("users_none")} text={t("users_none_text")} />}
      {list.items && list.items.length > 0 && (
        <Users
          users={list.items}
          onChange={list.reload}
          onTask={(next) => {
            task.value = next;
          }}
        />
      )}
      <More list={list} />
      {task.value && (
        <UserForm
          task={task.value}
          isFirst={list.items?.length === 0}
          onClose={close}
          onDone={() => {
            close();
            list.reload();
          }}
        />
      )}
    </section>
  );
}

async function setActive(user: User, isActive: boolean): Promise<void> {
  const title = t("disable_title", { name: user.login });
  if (!isActive && !(await confirmed({ title, text: t("disable_text"), action: t("disable"), isDangerous: true }))) return;
  await patch(`/admin/users/${user.id}`, { is_active: isActive });
  say(t("user_changed", { name: user.login }));
}

async function erase(user: User): Promise<void> {
  const title = t("delete_title", { name: user.login });
  if (!(await confirmed({ title, text: t("delete_user_text"), action: shared("remove"), isDangerous: true }))) return;
  await remove(`/admin/users/${user.id}`);
  say(t("deleted", { name: user.login }));
}

interface UsersProps {
  users: User[];
  onChange: () => void;
  onTask: (task: UserTask) => void;
}

function Users({ users, onChange, onTask }: UsersProps) {
  const run = (work: Promise<void>): void => void work.then(onChange).catch(report);
  return (
    <Table<User>
      label={shared("view_users")}
      rows={users}
      keyOf={(user) => user.id}
      columns={[
        {
          key: "name",
          title: shared("name"),
          cell: (user) => (
            <span class="twice">
              <strong>{user.login}</strong>
              {user.display_name && <span class="small quiet">{user.display_name}</span>}
            </span>
          ),
        },
        { key: "role", title: t("role"), cell: (user) => <Badge tone={user.role === "admin" ? "busy" : "neutral"}>{t(`short_${user.role}`)}</Badge> },
        {
          key: "state",
          title: shared("status"),
          cell: (user) => (user.is_active ? <Badge tone="good">{t("active")}</Badge> : <Badge tone="bad">{t("shut_out")}</Badge>),
        },
        {
          key: "last",
          title: t("last_login"),
          isMinor: true,
          cell: (user) => (user.last_login_at ? ago(user.last_login_at) : shared("never")),
        },
        { key: "created", title: shared("created"), isMinor: true, cell: (user) => dateTime(user.created_at) },
        {
          key: "act",
          title: "",
          cell: (user) => (
            <div class="row-actions">
              <Menu icon="more" label={t("actions_for", { name: user.login })}>
                <button type="button" onClick={() => onTask({ kind: "change", user })}>{t("change")}</button>
                <button type="button" onClick={() => onTask({ kind: "password", user })}>{t("password_new")}</button>
                <button type="button" onClick={() => run(setActive(user, !user.is_active))}>
                  {t(user.is_active ? "disable" : "enable")}
                </button>
                <button type="button" onClick={() => run(erase(user))}>{shared("remove")}</button>
              </Menu>
            </div>
          ),
        },
      ]}
    />
  );
}
