import { useSignal } from "@preact/signals";
import { get, patch, remove } from "../../api/client.ts";
import { type Part, usePaged } from "../../api/paged.ts";
import { isOpenInstallation } from "../../app/session.ts";
import { ago, dateTime, duration, number } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Menu } from "../../ui/menu.tsx";
import { More } from "../../ui/more.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { t } from "./access_words.ts";
import { KeyForm } from "./key_form.tsx";
import { ShownSecret } from "./shown_secret.tsx";
import { t as shared } from "./words.ts";

export interface Key {
  id: string;
  prefix: string;
  name: string;
  owner: string;
  scopes: string[];
  rate_limit_per_minute: number | null;
  daily_audio_seconds_limit: number | null;
  priority_default: number | null;
  is_active: boolean;
  expires_at: string | null;
  last_used_at: string | null;
  usage_count: number;
  created_at: string;
}

export function KeysView() {
  const list = usePaged<Key>((cursor, signal) => get<Part<Key>>("/keys", { cursor, limit: 50 }, signal), []);
  /** The form that is open: for a new key, or to change one. */
  const form = useSignal<{ before: Key | null } | null>(null);
  const made = useSignal<string | null>(null);
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet">{t("keys_text")}</p>
        <Button
          kind="primary"
          icon="plus"
          onClick={() => {
            form.value = { before: null };
          }}
        >
          {t("key_new")}
        </Button>
      </div>
      {list.failure && <Failed failure={list.failure} onRetry={list.reload} />}
      {!list.items && !list.failure && <Loading />}
      {list.items?.length === 0 && <Empty icon="key" title={t("keys_none")} {...(isOpenInstallation() && { text: t("keys_none_text") })} />}
      {list.items && list.items.length > 0 && (
        <Keys
          keys={list.items}
          onChange={list.reload}
          onEdit={(key) => {
            form.value = { before: key };
          }}
        />
      )}
      <More list={list} />
      {form.value && (
        <KeyForm
          before={form.value.before}
          onClose={() => {
            form.value = null;
          }}
          onDone={(secret) => {
            form.value = null;
            made.value = secret;
            if (secret === null) list.reload();
          }}
        />
      )}
      {made.value && (
        <ShownSecret
          title={t("key_made")}
          secret={made.value}
          onClose={() => {
            // Not before it was read: the first key of all closes the installation to this page too.
            made.value = null;
            list.reload();
          }}
        />
      )}
    </section>
  );
}

async function setActive(key: Key, isActive: boolean): Promise<void> {
  const title = t("revoke_title", { name: key.name });
  if (!isActive && !(await confirmed({ title, text: t("revoke_text"), action: t("revoke"), isDangerous: true }))) return;
  await patch(`/keys/${key.id}`, { is_active: isActive });
  say(t(isActive ? "key_allowed" : "key_revoked", { name: key.name }));
}

async function erase(key: Key): Promise<void> {
  const title = t("delete_title", { name: key.name });
  if (!(await confirmed({ title, text: t("delete_key_text"), action: shared("remove"), isDangerous: true }))) return;
  await remove(`/keys/${key.id}`);
  say(t("deleted", { name: key.name }));
}

function limitsOf(key: Key): string {
  return [
    key.rate_limit_per_minute !== null && t("per_minute", { count: number(key.rate_limit_per_minute) }),
    key.daily_audio_seconds_limit !== null && t("audio_per_day", { time: duration(key.daily_audio_seconds_limit) }),
    key.priority_default !== null && t("priority_is", { priority: key.priority_default }),
    key.expires_at !== null && t("until", { time: dateTime(key.expires_at) }),
  ].filter(Boolean).join(" · ");
}

function KeyState({ value }: { value: Key }) {
  if (!value.is_active) return <Badge tone="bad">{t("revoked")}</Badge>;
  const isOver = value.expires_at !== null && new Date(value.expires_at).getTime() < Date.now();
  return isOver ? <Badge tone="warn">{t("expired")}</Badge> : <Badge tone="good">{t("active")}</Badge>;
}

interface KeysProps {
  keys: Key[];
  onChange: () => void;
  onEdit: (key: Key) => void;
}

function Keys({ keys, onChange, onEdit }: KeysProps) {
  const run = (work: Promise<void>): void => void work.then(onChange).catch(report);
  return (
    <Table<Key>
      label={shared("view_keys")}
      rows={keys}
      keyOf={(key) => key.id}
      columns={[
        {
          key: "name",
          title: shared("name"),
          cell: (key) => (
            <span class="twice"><strong>{key.name}</strong><code class="small quiet">kp_{key.prefix}…</code></span>
          ),
        },
        { key: "state", title: shared("status"), cell: (key) => <KeyState value={key} /> },
        {
          key: "scopes",
          title: t("scopes"),
          cell: (key) => (
            <span class="names">
              {key.scopes.map((scope) => <Badge key={scope}>{scope === "all" ? t("scope_all") : scope}</Badge>)}
            </span>
          ),
        },
        { key: "limits", title: t("limits"), isMinor: true, cell: (key) => <span class="small">{limitsOf(key) || "–"}</span> },
        { key: "owner", title: t("owner"), isMinor: true, cell: (key) => key.owner },
        {
          key: "used",
          title: t("last_used"),
          isMinor: true,
          cell: (key) => (
            <span class="twice">
              <span>{key.last_used_at ? ago(key.last_used_at) : shared("never")}</span>
              <span class="small quiet">{t.count("used", key.usage_count)}</span>
            </span>
          ),
        },
        {
          key: "act",
          title: "",
          cell: (key) => (
            <div class="row-actions">
              <Menu icon="more" label={t("actions_for", { name: key.name })}>
                <button type="button" onClick={() => onEdit(key)}>{t("change")}</button>
                <button type="button" onClick={() => run(setActive(key, !key.is_active))}>
                  {t(key.is_active ? "revoke" : "activate")}
                </button>
                <button type="button" onClick={() => run(erase(key))}>{shared("remove")}</button>
              </Menu>
            </div>
          ),
        },
      ]}
    />
  );
}
