import { useSignal } from "@preact/signals";
import { get, patch, post, remove } from "../../api/client.ts";
import { useLoaded } from "../../api/loaded.ts";
import { query, setQuery } from "../../app/router.ts";
import { ago } from "../../i18n/format.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { confirmed } from "../../ui/dialog.tsx";
import { Empty, Failed, Loading } from "../../ui/empty.tsx";
import { Menu } from "../../ui/menu.tsx";
import { Table } from "../../ui/table.tsx";
import { report, say } from "../../ui/toast.tsx";
import { Deliveries } from "./deliveries.tsx";
import { t } from "./outside_words.ts";
import { ShownSecret } from "./shown_secret.tsx";
import { WebhookForm } from "./webhook_form.tsx";
import { t as shared } from "./words.ts";

export interface Webhook {
  id: string;
  name: string;
  url: string;
  events: string[];
  all_owners: boolean;
  active: boolean;
  failure_count: number;
  last_success_at: string | null;
  disabled_reason: string | null;
}

interface Shown {
  title: string;
  secret: string;
}

export function WebhooksView() {
  const loaded = useLoaded<{ webhooks: Webhook[] }>((signal) => get("/webhooks", {}, signal), [], { everyMs: 10_000 });
  /** The form that is open: for a new webhook, or to change one. */
  const form = useSignal<{ before: Webhook | null } | null>(null);
  const shown = useSignal<Shown | null>(null);
  const open = query.value.get("webhook");
  if (!loaded.data) return loaded.failure ? <Failed failure={loaded.failure} onRetry={loaded.reload} /> : <Loading />;
  const hooks = loaded.data.webhooks;
  const chosen = hooks.find((hook) => hook.id === open);
  return (
    <section class="section">
      <div class="section-head">
        <p class="quiet">{t("hooks_text")}</p>
        <Button
          kind="primary"
          icon="plus"
          onClick={() => {
            form.value = { before: null };
          }}
        >
          {t("hook_new")}
        </Button>
      </div>
      {hooks.length === 0 && <Empty icon="bell" title={t("hooks_none")} text={t("hooks_none_text")} />}
      {hooks.length > 0 && (
        <Hooks
          hooks={hooks}
          onChange={loaded.reload}
          onEdit={(hook) => {
            form.value = { before: hook };
          }}
          onSecret={(next) => {
            shown.value = next;
          }}
        />
      )}
      {chosen && <Deliveries key={chosen.id} hook={chosen} />}
      {form.value && (
        <WebhookForm
          before={form.value.before}
          onClose={() => {
            form.value = null;
          }}
          onDone={(secret) => {
            form.value = null;
            if (secret !== null) shown.value = { title: t("hook_made"), secret };
            loaded.reload();
          }}
        />
      )}
      {shown.value && (
        <ShownSecret
          {...shown.value}
          onClose={() => {
            shown.value = null;
          }}
        />
      )}
    </section>
  );
}

async function rotate(hook: Webhook): Promise<string | null> {
  if (!(await confirmed({ title: t("rotate_title"), text: t("rotate_text"), action: t("rotate") }))) return null;
  return (await post<{ secret: string }>(`/webhooks/${hook.id}/rotate`, {})).secret;
}

async function erase(hook: Webhook): Promise<void> {
  const title = t("delete_title", { name: hook.name });
  if (!(await confirmed({ title, text: t("delete_text"), action: shared("remove"), isDangerous: true }))) return;
  await remove(`/webhooks/${hook.id}`);
  say(t("deleted", { name: hook.name }));
}

interface HooksProps {
  hooks: Webhook[];
  onChange: () => void;
  onEdit: (hook: Webhook) => void;
  onSecret: (shown: Shown) => void;
}

function Hooks({ hooks, onChange, onEdit, onSecret }: HooksProps) {
  const run = (work: Promise<unknown>): void => void work.then(onChange).catch(report);
  const test = (hook: Webhook): void => run(post(`/webhooks/${hook.id}/test`).then(() => say(t("test_sent"))));
  const renew = (hook: Webhook): void => run(rotate(hook).then((secret) => {
    if (secret) onSecret({ title: t("hook_rotated"), secret });
  }));
  return (
    <Table<Webhook>
      label={shared("view_webhooks")}
      rows={hooks}
      keyOf={(hook) => hook.id}
      columns={[
        {
          key: "name",
          title: shared("name"),
          cell: (hook) => (
            <span class="twice">
              <button
                type="button"
                class="link"
                aria-label={`${t("show_deliveries")}: ${hook.name}`}
                onClick={() => setQuery({ webhook: hook.id })}
              >
                {hook.name}
              </button>
              <span class="small quiet breaks">{hook.url}</span>
            </span>
          ),
        },
        {
          key: "state",
          title: t("state"),
          cell: (hook) => (
            <span class="twice">
              <Badge tone={hook.active ? "good" : "bad"}>{t(hook.active ? "active" : "resting")}</Badge>
              {hook.failure_count > 0 && <span class="small quiet">{t.count("failing", hook.failure_count)}</span>}
              {hook.disabled_reason && <span class="small quiet">{hook.disabled_reason}</span>}
            </span>
          ),
        },
        {
          key: "events",
          title: t("events"),
          isMinor: true,
          cell: (hook) => (
            <span class="twice">
              <span>{hook.events.length === 0 ? t("everything") : hook.events.join(", ")}</span>
              {hook.all_owners && <span class="small quiet">{t("of_everybody")}</span>}
            </span>
          ),
        },
        { key: "last", title: t("last_success"), isMinor: true, cell: (hook) => (hook.last_success_at ? ago(hook.last_success_at) : t("never")) },
        {
          key: "act",
          title: "",
          cell: (hook) => (
            <div class="row-actions">
              <Menu icon="more" label={t("actions_for", { name: hook.name })}>
                <button type="button" onClick={() => setQuery({ webhook: hook.id })}>{t("show_deliveries")}</button>
                <button type="button" onClick={() => onEdit(hook)}>{t("change")}</button>
                {hook.active && <button type="button" onClick={() => test(hook)}>{t("test")}</button>}
                <button type="button" onClick={() => renew(hook)}>{t("rotate")}</button>
                <button type="button" onClick={() => run(patch(`/webhooks/${hook.id}`, { active: !hook.active }))}>
                  {t(hook.active ? "turn_off" : "turn_on")}
                </button>
                <button type="button" onClick={() => run(erase(hook))}>{shared("remove")}</button>
              </Menu>
            </div>
          ),
        },
      ]}
    />
  );
}
